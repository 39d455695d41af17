import type { LabView } from '../port.ts'
import type { Round } from '../round.ts'

/** Node names for positions such as `worker-1`; every node when none is named, the control plane too. */
export function nodesAt(round: Round, positions: readonly string[] | undefined): string[] {
  return positions === undefined ? round.view.nodes.map(({ name }) => name) : [...new Set(positions.map((position) => round.view.nodeName(position)))]
}

/** `worker-1` for a Node name, as commands want it. */
export function positionOf(view: LabView, node: string): string {
  const role = view.nodes.find(({ name }) => name === node)?.role
  const place = view.nodes.filter((candidate) => candidate.role === role).findIndex(({ name }) => name === node)
  const position = role === 'worker' ? `worker-${place + 1}` : 'control-plane'
  try {
    return view.nodeName(position) === node ? position : node
  } catch {
    return node
  }
}

/** How a learner runs `command` in a node's network and process namespaces. */
export const onNode = (view: LabView, node: string, command: string): string => `hoplab shell toolbox/${positionOf(view, node)} ${command}`

/** How a learner runs `command` on a node itself, with its files. */
export const inNode = (view: LabView, node: string, command: string): string => `hoplab shell node/${positionOf(view, node)} ${command}`
