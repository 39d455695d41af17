import { type KubeObject, refOf } from '@hoplab/kube'
import type { FaultAction } from '@hoplab/model'
import { existing, type Mutation } from './mutation.ts'

/** What others refer to comes first when a namespace is made again; Pods and what makes Pods last. */
const order = ['ServiceAccount', 'ConfigMap', 'Secret', 'NetworkPolicy', 'Service', 'EndpointSlice']
const rank = ({ kind }: KubeObject): number => (order.includes(kind) ? order.indexOf(kind) : order.length)

/** The namespace and all that was in it are gone; it comes back with the same objects under new uids. */
export const namespaceDeleted: Mutation<'namespace-deleted'> = {
  layer: 'object',
  async plan(settings, scene) {
    const name = settings.namespace ?? scene.namespace
    const namespace = await existing({ apiVersion: 'v1', kind: 'Namespace', name }, scene)
    const { objects } = await scene.cluster.takeBaseline([name], scene.deadline)
    const mine = objects.filter((object) => object.metadata.namespace === name).toSorted((a, b) => rank(a) - rank(b))
    return {
      do: [{ act: 'remove', ref: refOf(namespace) }],
      undo: [{ act: 'create', object: made(namespace) }, { act: 'wait', until: { state: 'service-account', namespace: name } },
        ...mine.map((object): FaultAction => ({ act: 'create', object: made(object) })), ...mine.flatMap(ready)],
    }
  },
}

/** An object as it is sent to be made again: without the server's own fields. */
function made({ status: _status, ...object }: KubeObject): KubeObject {
  const { name, namespace, labels, annotations } = object.metadata
  const spec = object.kind === 'Namespace' ? {} : { spec: object.spec }
  return {
    ...object, ...(object.spec === undefined ? {} : spec),
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
  } as KubeObject
}

function ready({ kind, metadata: { name, namespace = '' } }: KubeObject): FaultAction[] {
  if (kind === 'Deployment') return [{ act: 'wait', until: { state: 'rolled-out', kind, namespace, name } }]
  return kind === 'Pod' ? [{ act: 'wait', until: { state: 'pod', namespace, name, is: 'ready' } }] : []
}
