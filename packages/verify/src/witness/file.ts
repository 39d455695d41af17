import { Broken } from '../probes/broken.ts'
import { textOf } from '../probes/readings.ts'
import type { Round } from '../round.ts'
import { tasksFolder } from './runtime.ts'

/** A file as the node's kernel has it. */
export interface FileSeen {
  /** Device and inode: what makes it this file and no other. */
  id: string
  device: string
  /** When it was made, in seconds of the node's clock; where the file system does not keep that, when it last changed. */
  since: number
}

/** What one process has at `/` and at `path`; `file` undefined = nothing there. No program of the Pod's image runs. */
export interface Files { root: FileSeen; file: FileSeen | undefined }

/**
 * `stat` of a root directory and of a path in it ($1, $2), links followed as a process with that root follows them: an absolute one begins at that root,
 * not at ours, and `..` never leaves it. What is told is the file at the end; 40 links are the most, as for the kernel (path_resolution(7)).
 */
export const statInRoot = `
left=$2 at= links=0
while [ -n "$left" ]; do
  left=\${left#/} part=\${left%%/*}
  case $left in */*) left=/\${left#*/} ;; *) left= ;; esac
  case $part in ''|.) continue ;; ..) at=\${at%/*}; continue ;; esac
  if [ -L "$1$at/$part" ]; then
    [ $links -lt 40 ] || { stat -c '%d:%i %.9W %.9Z' "$1/"; exit 1; }
    links=$((links + 1)) to=$(readlink "$1$at/$part")
    case $to in /*) at= ;; esac
    left=/$to$left
  else at=$at/$part; fi
done
stat -c '%d:%i %.9W %.9Z' "$1/" "$1\${at:-/}"`

/** @param pid a process of the node; 1 is the node itself */
export async function filesOf(round: Round, node: string, pid: number, path: string): Promise<Files> {
  const reading = await round.readings.of(node, ['sh', '-c', statInRoot, 'stat-in-root', `/proc/${pid}/root`, path])
  // Ends with 1 where one of the two is missing.
  const text = reading.exitCode === 1 && reading.text.trim() !== '' ? reading.text : textOf(reading, `the files of process ${pid} on ${node}`)
  const [root, file, ...more] = text.trim().split('\n').map(parse)
  if (!root || more.length > 0 || (file === undefined) !== (reading.exitCode === 1)) throw new Broken(`What was read of the files of process ${pid} on ${node} is nothing that stat prints.`, { hopeless: false })
  return { root, file }
}

function parse(line: string): FileSeen {
  const [, device, inode, made, changed] = /^(\d+):(\d+) (-|\d+(?:\.\d+)?) (\d+\.\d+)$/u.exec(line) ?? []
  if (device === undefined || inode === undefined) throw new Broken('What was read of a file is nothing that stat prints.', { hopeless: false })
  // 0 or "-" where the file system keeps no birth.
  return { id: `${device}:${inode}`, device, since: Number(made) > 0 ? Number(made) : Number(changed) }
}

/** When the runtime made the present process of a container, in seconds of the node's clock; before that process could write anything. */
export async function madeAt(round: Round, node: string, containerId: string): Promise<number> {
  const reading = await round.readings.of(node, ['nsenter', '-t', '1', '-m', '--', 'stat', '-c', '%.9Y', `${tasksFolder}/${containerId}/init.pid`])
  const at = Number(textOf(reading, `when container ${containerId.slice(0, 12)} on ${node} began`))
  if (!(at > 0)) throw new Broken(`The time at which a container on ${node} began could not be read.`, { hopeless: false })
  return at
}
