import { readdir } from 'node:fs/promises'
import { Deadline, labels, poll } from '@hoplab/core'
import { labFolder, run, temporaryParent } from '@hoplab/core/node'
import { processesOfLab } from './processes.ts'

/** Everything of a lab that is still on this machine, one line each; empty = nothing. */
export async function leftovers(lab: string): Promise<string[]> {
  using deadline = Deadline.start('looking for leftovers', 200_000)
  const lines = async (...args: string[]): Promise<string[]> => (await run('docker', args, { deadline })).stdout.split('\n').filter(Boolean)
  const named = (name: string): boolean => name === `hoplab-${lab}` || name.startsWith(`hoplab-${lab}-`)
  const [labelled, containers, networks] = await Promise.all([
    lines('ps', '-a', '--filter', `label=${labels.lab}=${lab}`, '--format', '{{.Names}}'), lines('ps', '-a', '--format', '{{.Names}}'), lines('network', 'ls', '--format', '{{.Name}}'),
  ])
  const [files, temporary] = await Promise.all([readdir(labFolder(lab)).catch(() => []), readdir(temporaryParent())])
  return [
    ...new Set([...labelled, ...containers.filter(named)].map((name) => `container ${name}`)),
    ...networks.filter(named).map((name) => `network ${name}`),
    ...files.filter((name) => name !== 'evidence').map((name) => `file ${name}`),
    ...temporary.filter((name) => name.startsWith('hoplab-') && name.includes(lab)).map((name) => `temporary ${name}`),
    ...(await processesOfLab(lab)).map((one) => `process ${one}`),
  ]
}

/** Names of volumes that no container uses: a node's anonymous volume carries no label, so one compares before and after. */
export async function danglingVolumes(): Promise<ReadonlySet<string>> {
  using deadline = Deadline.start('listing volumes', 200_000)
  return new Set((await run('docker', ['volume', 'ls', '--quiet', '--filter', 'dangling=true'], { deadline })).stdout.split('\n').filter(Boolean))
}

/**
 * Volumes that no container uses now, did not use before, and still does not a minute later. Until its container is listed, a volume of another
 * lab that comes up at the same time looks like that for the seconds in which the engine copies the image into it (measured).
 */
export async function volumesStillThere(before: ReadonlySet<string>): Promise<string[]> {
  using deadline = Deadline.start('looking for volumes', 200_000)
  const found = (await danglingVolumes()).difference(before)
  const result = await poll(async () => (await danglingVolumes()).intersection(found), { deadline, until: (left) => left.size === 0, withinMs: 60_000 })
  return [...result.last]
}
