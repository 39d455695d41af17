import type { KubeObject } from '@hoplab/kube'

/** Where every text about Weave has its objects; the name of its list of peers is compiled in. */
export const weaveNamespace = 'kube-system'
/** DaemonSet, account, roles, and the ConfigMap in whose annotations the peers write themselves down. */
export const weaveName = 'weave-net'
/** By this label every text about Weave finds its Pods. */
export const labels = { name: weaveName }

const rbac = 'rbac.authorization.k8s.io'
const metadata = { name: weaveName, namespace: weaveNamespace, labels }

/** The account of router and policy agent, with what they ask of the API. */
export function accessObjects(): KubeObject[] {
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: weaveName, labels },
      rules: [
        { apiGroups: [''], resources: ['pods', 'namespaces', 'nodes'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['get', 'list', 'watch'] },
        // "The network is there" is a condition of the Node.
        { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch', 'update'] },
      ],
    },
    binding('ClusterRole', { name: weaveName, labels }),
    {
      apiVersion: `${rbac}/v1`, kind: 'Role', metadata,
      rules: [
        { apiGroups: [''], resources: ['configmaps'], resourceNames: [weaveName], verbs: ['get', 'update'] },
        { apiGroups: [''], resources: ['configmaps'], verbs: ['create'] },
      ],
    },
    binding('Role', metadata),
  ]
}

const binding = (kind: 'ClusterRole' | 'Role', of: KubeObject['metadata']): KubeObject => ({
  apiVersion: `${rbac}/v1`, kind: `${kind}Binding`, metadata: of,
  roleRef: { apiGroup: rbac, kind, name: weaveName }, subjects: [{ kind: 'ServiceAccount', name: weaveName, namespace: weaveNamespace }],
})
