import type { FaultAction } from '@hoplab/model'
import { cannot, existing, type Mutation } from './mutation.ts'
import { patched } from './patched.ts'

const at = { namespace: 'kube-system', name: 'kube-proxy' }
/** Label of kube-proxy's Pods, as kubeadm sets it. */
const label = 'k8s-app=kube-proxy'
const rolledOut: FaultAction = { act: 'wait', until: { state: 'rolled-out', kind: 'DaemonSet', ...at } }

/** kube-proxy takes another range for the cluster's: traffic of Pods to Services is masqueraded, and servers no longer see who asks. */
export const proxyClusterCidrWrong: Mutation<'proxy-cluster-cidr-wrong'> = {
  layer: 'service',
  async plan({ cidr }, scene) {
    const config = await existing({ apiVersion: 'v1', kind: 'ConfigMap', ...at }, scene)
    const before = (config.data as Record<string, string> | undefined)?.['config.conf'] ?? ''
    const after = before.replace(/^clusterCIDR:.*$/mu, `clusterCIDR: ${cidr}`)
    if (after === before) throw cannot(scene, 'change clusterCIDR', 'The ConfigMap kube-system/kube-proxy has no clusterCIDR, or this one.')
    const one = patched(config, { data: { 'config.conf': after } })
    const anew: FaultAction[] = [{ act: 'restart-pods', namespace: at.namespace, label }, rolledOut]
    return { do: [one.do, ...anew], undo: [one.undo, ...anew] }
  },
}

/**
 * The node has no kube-proxy: its rules serve the Services of before, and no Service made since. The DaemonSet is told to stay away from the node
 * and, so that it leaves the other nodes' Pods alone, to replace Pods only when they are deleted.
 */
export const kubeProxyStopped: Mutation<'kube-proxy-stopped'> = {
  layer: 'service',
  async plan({ node: position }, scene) {
    const node = scene.cluster.nodeName(position)
    const daemonSet = await existing({ apiVersion: 'apps/v1', kind: 'DaemonSet', ...at }, scene)
    const elsewhere = { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: [node] }] }] }
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: elsewhere } }
    const one = patched(daemonSet, { spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: null }, template: { spec: { affinity } } } })
    return { do: [one.do, { act: 'wait', until: { state: 'no-pods', namespace: at.namespace, label, node } }], undo: [one.undo, rolledOut] }
  },
}
