import type { KubeObject } from '@hoplab/kube'

export const calicoNamespace = 'calico-system'
/** Account of the agent, and of the plugin that the container runtime calls: the agent gets tokens for it. */
export const accounts = { node: 'calico-node', plugin: 'calico-cni-plugin' } as const

const rbac = 'rbac.authorization.k8s.io'
const calico = 'crd.projectcalico.org'

interface Rule { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }
const may = (apiGroup: string, resources: string[], ...verbs: string[]): Rule => ({ apiGroups: [apiGroup], resources, verbs })

/** What Calico 3.28 asks the API for with the Kubernetes datastore, addresses of its own and no BGP; found in its sources. */
const nodeRules: Rule[] = [
  // Felix follows all of these; one it may not list keeps it from ever being in step.
  may('', ['nodes', 'pods', 'namespaces', 'serviceaccounts', 'services'], 'get', 'list', 'watch'),
  may('discovery.k8s.io', ['endpointslices'], 'list', 'watch'),
  may('networking.k8s.io', ['networkpolicies'], 'list', 'watch'),
  may(calico, [
    'bgpconfigurations', 'blockaffinities', 'clusterinformations', 'felixconfigurations', 'globalnetworkpolicies', 'globalnetworksets', 'hostendpoints', 'ipamblocks',
    'ipamconfigs', 'ipamhandles', 'ippools', 'ipreservations', 'networkpolicies', 'networksets',
  ], 'get', 'list', 'watch'),
  // Of Calico 2; a first start looks whether anything of it is there, and takes "forbidden" for a failure.
  may(calico, ['globalfelixconfigs'], 'get'),
  // The first node to start makes the pool and the defaults; each has an address for its tunnel from a block of its own.
  may(calico, ['ippools', 'felixconfigurations', 'clusterinformations'], 'create', 'update'),
  may(calico, ['blockaffinities', 'ipamblocks', 'ipamhandles', 'ipamconfigs'], 'create', 'update', 'delete'),
  // Addresses of node and tunnel stand in annotations of the Node.
  may('', ['nodes/status'], 'patch', 'update'),
  { ...may('', ['serviceaccounts/token'], 'create'), resourceNames: [accounts.plugin] },
]

const pluginRules: Rule[] = [
  may('', ['pods', 'nodes', 'namespaces'], 'get'),
  may('', ['pods/status'], 'patch'),
  may(calico, ['blockaffinities', 'ipamblocks', 'ipamhandles', 'ipamconfigs', 'ippools', 'ipreservations', 'clusterinformations'], 'get', 'list'),
  may(calico, ['blockaffinities', 'ipamblocks', 'ipamhandles', 'ipamconfigs'], 'create', 'update', 'delete'),
]

/** Both accounts with what they may do. */
export function accessObjects(): KubeObject[] {
  return [...access(accounts.node, nodeRules), ...access(accounts.plugin, pluginRules)]
}

const access = (name: string, rules: Rule[]): KubeObject[] => [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: calicoNamespace } },
  { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules },
  {
    apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name }, subjects: [{ kind: 'ServiceAccount', name, namespace: calicoNamespace }],
  },
]
