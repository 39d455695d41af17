import { plainLine } from '@hoplab/core'
import type { Round } from '../round.ts'
import type { Condition } from './kube-shapes.ts'
import { positionOf } from './node-place.ts'

/** Nodes that are not Ready, each with what its kubelet says of it: a scheduler that passes them over tells of a taint and of no cause. Throws what the client throws. */
export async function unreadyNodes({ view, deadline }: Round): Promise<string[]> {
  const nodes = await view.kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline)
  return nodes.flatMap(({ metadata: { name }, status }) => {
    const ready = (status as { conditions?: Condition[] } | undefined)?.conditions?.find(({ type }) => type === 'Ready')
    return ready === undefined || ready.status === 'True' ? [] : [plainLine(`node ${positionOf(view, name)} is not Ready: ${ready.message ?? ready.reason ?? 'its kubelet does not say why'}`, 240)]
  })
}
