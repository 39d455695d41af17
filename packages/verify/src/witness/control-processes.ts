import { Broken } from '../probes/broken.ts'
import { textOf } from '../probes/readings.ts'
import type { Round } from '../round.ts'

/** A process of a program of the control plane. `state` as in proc(5): `S` sleeps, `R` runs, `T` is stopped, `Z` is dead. */
export interface ControlProcess { pid: number; state: string }

/** What one node of the control plane runs, and what it is asked to run: programs whose file lies in the kubelet's folder of static Pods, as kubeadm puts it. */
export interface ControlNode { programs: ReadonlyMap<string, ControlProcess>; asked: ReadonlySet<string> }

/** Prints number, state and program (first word of the command line, made plain) of each process of this node that is called `kube-…`, and each file for one; what has ended meanwhile is passed over. */
export const listControlProcesses = `for p in /proc/[0-9]*; do
  name=; program=; read -r name < "$p/comm"; [[ $name == kube-* ]] || continue
  IFS= read -r -d '' program < "$p/cmdline"; stat=$(< "$p/stat"); stat=\${stat##*) }
  printf '%s %s %s\\n' "\${p#/proc/}" "\${stat%% *}" "\${program//[^[:alnum:]\\/._-]/?}"
done 2>/dev/null
for f in /proc/1/root/etc/kubernetes/manifests/kube-*.yaml; do f=\${f##*/}; printf 'file %s\\n' "\${f//[^[:alnum:]._-]/?}"; done`

/** The API answers, so its process must be seen where one looks for the others. */
export const controlProgram = 'kube-apiserver'

/**
 * Processes of a node of the control plane, by program. The list must have that of the API server, which answered a moment ago: it is the control of the
 * others. Rejects with {@link Broken} when it has not.
 */
export async function controlProcessesOn(round: Round, node: string): Promise<ControlNode> {
  const text = textOf(await round.readings.of(node, ['bash', '-c', listControlProcesses]), `the processes of ${node}`)
  const [files = [], processes = []] = [true, false].map((isFile) => text.trim().split('\n').filter((line) => line.startsWith('file ') === isFile))
  const lines = processes.map((line) => /^(\d+) ([A-Za-z]) (\S*)$/u.exec(line))
  if (lines.includes(null)) throw new Broken(`The processes of ${node} did not arrive as they were printed.`, { hopeless: false })
  const alive = lines.filter((line) => !/[ZX]/u.test(line?.[2] ?? ''))
  const programs = new Map(alive.map((line) => [(line?.[3] ?? '').replace(/^.*\//u, ''), { pid: Number(line?.[1]), state: line?.[2] ?? '' }]))
  if (!programs.has(controlProgram)) throw new Broken(`The API server answers, and its process is not seen on ${node}: one looks in the wrong place.`, { hopeless: false })
  return { programs, asked: new Set(files.map((line) => line.replace(/^file (.*)\.yaml$/u, '$1'))) }
}
