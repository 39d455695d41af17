import type { FaultAction } from '@hoplab/model'
import { cannot, existing, type Mutation } from './mutation.ts'
import { patched } from './patched.ts'

const coreDns = { namespace: 'kube-system', name: 'coredns' }
/** Label of CoreDNS's Pods, as kubeadm sets it. */
const label = 'k8s-app=kube-dns'

/** CoreDNS has no Pod: names do not resolve, addresses are reached as before. */
export const coreDnsScaledDown: Mutation<'coredns-scaled-down'> = {
  layer: 'dns',
  async plan(_settings, scene) {
    const one = patched(await existing({ apiVersion: 'apps/v1', kind: 'Deployment', ...coreDns }, scene), { spec: { replicas: 0 } })
    return {
      do: [one.do, { act: 'wait', until: { state: 'no-pods', namespace: coreDns.namespace, label } }],
      undo: [one.undo, { act: 'wait', until: { state: 'rolled-out', kind: 'Deployment', ...coreDns } }],
    }
  },
}

/** CoreDNS serves another zone: no name of the cluster resolves, other names as before. Its Pods are made anew, which is sooner than its own reload. */
export const clusterZoneRenamed: Mutation<'cluster-zone-renamed'> = {
  layer: 'dns',
  async plan({ zone }, scene) {
    const config = await existing({ apiVersion: 'v1', kind: 'ConfigMap', ...coreDns }, scene)
    const before = (config.data as { Corefile?: string } | undefined)?.Corefile ?? ''
    const after = before.replaceAll(/(?<=^|\s)cluster\.local(?=\s)/gmu, zone)
    if (after === before) throw cannot(scene, 'rename the zone', 'The Corefile does not name cluster.local.')
    const one = patched(config, { data: { Corefile: after } })
    const anew: FaultAction[] = [
      { act: 'restart-pods', namespace: coreDns.namespace, label }, { act: 'wait', until: { state: 'rolled-out', kind: 'Deployment', ...coreDns } },
    ]
    return { do: [one.do, ...anew], undo: [one.undo, ...anew] }
  },
}
