import { type Deadline, neverReadyAnnotation, poll } from '@hoplab/core'
import { daemonSetPending, deploymentPending, type KubeClient, type KubeObject, refOf } from '@hoplab/kube'
import type { Baseline } from '../port.ts'
import { wanted } from './objects.ts'
import type { BaselineSubject } from './take.ts'

/** Bound of roll-outs after objects were put back. Milliseconds. */
export const settleWithinMs = 60_000

/** Whether nodes may look otherwise for a while after it was put back: kube-proxy's, the CNI's, or without any namespace. */
export const isSystem = ({ kind, metadata: { namespace } }: KubeObject, { cniNamespace }: BaselineSubject): boolean =>
  (namespace === undefined && kind !== 'Node' && kind !== 'Namespace') || namespace === 'kube-system' || namespace === cniNamespace

/** Waits for what controllers make of the objects; what does not settle shows in the comparison or in checks. */
export async function settled(subject: BaselineSubject, baseline: Baseline, deadline: Deadline): Promise<void> {
  const { kube } = subject
  const nodeCount = Object.keys(baseline.nodes).length
  const look = async (): Promise<string[]> => {
    const reasons = await Promise.all(baseline.objects.map(async (object) => {
      const ref = { namespace: object.metadata.namespace ?? 'default', name: object.metadata.name }
      if (object.kind === 'Deployment') return deploymentPending(kube, ref, deadline)
      // A lab's own may be meant for some nodes only; what it does to its nodes counts in the comparison.
      if (object.kind === 'DaemonSet') return daemonSetPending(kube, ref, isSystem(object, subject) ? nodeCount : undefined, deadline)
      if (object.kind === 'Node') return nodePending(kube, object, deadline)
      return object.kind === 'Pod' ? podPending(kube, object, deadline) : []
    }))
    return reasons.flat()
  }
  await poll(look, { deadline, until: (reasons) => reasons.length === 0, everyMs: 200, maxEveryMs: 500, withinMs: settleWithinMs })
}

/** A node whose network plugin was away is Ready some time after that is back, and the node controller takes its taint off after that: it was still there when all objects were back (seen here). */
async function nodePending(kube: KubeClient, object: KubeObject, deadline: Deadline): Promise<string[]> {
  const found = await kube.get(refOf(object), deadline)
  if (!found) return []
  const { conditions = [] } = (found.status ?? {}) as { conditions?: { type: string; status: string }[] }
  const ready = conditions.find(({ type }) => type === 'Ready')
  return (ready === undefined || ready.status === 'True') && wanted(found) === wanted(object) ? [] : [`Node ${object.metadata.name} is not as at hand-over yet`]
}

async function podPending(kube: KubeClient, object: KubeObject, deadline: Deadline): Promise<string[]> {
  if (object.metadata.annotations?.[neverReadyAnnotation] === 'true') return []
  const found = await kube.get(refOf(object), deadline)
  const { conditions = [] } = (found?.status ?? {}) as { conditions?: { type: string; status: string }[] }
  return conditions.some((one) => one.type === 'Ready' && one.status === 'True') ? [] : [`Pod ${object.metadata.name} is not Ready`]
}
