import { createHash } from 'node:crypto'
import { labels } from '@hoplab/core'
import { stateFolder } from '@hoplab/core/node'
import { remembersLab } from '../state/state-file.ts'

/** Short hash of the state folder: tells our things on an engine from those of another user or another HOPLAB_HOME. */
export const homeMark = (): string => createHash('sha256').update(stateFolder()).digest('hex').slice(0, 12)

/**
 * Whether a thing of `lab` that carries this mark belongs to another state folder. What a version before the marks made carries none: it is
 * this folder's when that lab is remembered here.
 */
export const ofOtherHome = (lab: string, home: string | undefined): boolean => (home === undefined ? !remembersLab(lab) : home !== homeMark())

/** Arguments of the docker client that mark a thing as ours. */
export function labelArguments({ lab, runId, role }: { lab: string; runId: string; role: string }): string[] {
  const marks = { [labels.run]: runId, [labels.lab]: lab, [labels.home]: homeMark(), [labels.role]: role }
  return Object.entries(marks).flatMap(([key, value]) => ['--label', `${key}=${value}`])
}

const markFolder = '/etc/hoplab/home'

/** A mount for kind's nodes, which nobody can label: the path inside says whose node it is. `/dev/null` is on every engine's machine. */
export const homeMount = (): { hostPath: string; containerPath: string; readOnly: boolean } =>
  ({ hostPath: '/dev/null', containerPath: `${markFolder}/${homeMark()}`, readOnly: true })

/** The mark that a container's mounts carry. */
export const homeOfMounts = (destinations: readonly string[]): string | undefined =>
  destinations.find((path) => path.startsWith(`${markFolder}/`))?.slice(markFolder.length + 1)
