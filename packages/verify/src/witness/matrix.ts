import { plainLine } from '@hoplab/core'
import { Broken } from '../probes/broken.ts'
import type { ControlPath } from '../probes/control.ts'
import type { ProbeClass } from '../probes/request.ts'
import type { Round } from '../round.ts'
import type { Destination } from '../scene/destination.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import type { Origin } from '../scene/origin.ts'
import { podName } from '../scene/pods.ts'
import type { Answer } from './answer.ts'
import { exchange } from './exchange.ts'

/** How one ordered pair ended. OTHER = something answered, and `doubt` says why it does not count as the Pod that was asked. */
export interface Cell { from: Origin; to: Pod; end: ProbeClass | 'OTHER'; doubt: string | undefined; tracked: boolean; believed: boolean }

/** Every pair of an origin and a Pod but itself, asked at the same time: one batch per node, with the control of each path in it. */
export async function matrixOf(round: Round, origins: readonly Origin[], pods: readonly Pod[], port: number): Promise<{ cells: Cell[]; paths: ControlPath[] }> {
  const rows = await Promise.all(origins.map(async (from) => {
    const others = pods.filter((pod) => pod !== from.pod)
    const { answers, paths } = await exchange(round, from, columns(others, port), 1)
    if (answers.length !== others.length) throw new Broken(`The row of ${from.name} has ${answers.length} of ${others.length} cells.`, { hopeless: false })
    return { paths, cells: answers.map((answer, index) => cellOf(from, others[index] as Pod, answer)) }
  }))
  const paths = new Map(rows.flatMap((row) => row.paths.map((path) => [`${path.from} ${path.to} ${path.alive}`, path] as const)))
  return { cells: rows.flatMap(({ cells }) => cells), paths: [...paths.values()] }
}

function columns(pods: readonly Pod[], port: number): Destination {
  const endpoints = pods.map((pod) => ({ ip: pod.status?.podIP ?? '', port, node: pod.spec?.nodeName, pod: pod.metadata.name }))
  return { label: pods.map((pod) => `Pod ${podName(pod)}`).join(', '), port, addresses: endpoints.map(({ ip }) => ip), service: undefined, endpoints, nameFrom: undefined, direct: true }
}

function cellOf(from: Origin, to: Pod, answer: Answer): Cell {
  const { connection, tracked, trusted, backend } = answer
  const cell = { from, to, tracked: tracked !== undefined, believed: trusted && connection.server !== undefined }
  if (connection.class !== 'OK') return { ...cell, end: connection.class, doubt: undefined }
  const doubt = answer.doubt ?? (backend === to.status?.podIP ? undefined : `${plainLine(backend ?? 'somebody unknown', 60)} answered`)
    ?? (cell.tracked || cell.believed ? undefined : "nothing but the server itself says who answered, and its image is not the lab's")
  return doubt === undefined ? { ...cell, end: 'OK', doubt } : { ...cell, end: 'OTHER', doubt }
}
