import type { Mutation } from './mutation.ts'

/** Nothing may enter or leave the namespace's Pods. A CNI without NetworkPolicy takes the object and does nothing. */
export const defaultDeny: Mutation<'default-deny'> = {
  layer: 'cni',
  async plan(settings, scene) {
    const ref = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', name: 'hoplab-fault-default-deny', namespace: settings.namespace ?? scene.namespace }
    const object = {
      apiVersion: ref.apiVersion, kind: ref.kind, metadata: { name: ref.name, namespace: ref.namespace },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    }
    return { do: [{ act: 'create', object }], undo: [{ act: 'remove', ref }] }
  },
}
