import type { KubeObject } from '@hoplab/kube'

/** Where AWS puts it too. */
export const awsVpcNamespace = 'kube-system'
export const agentName = 'aws-node'

const rbac = 'rbac.authorization.k8s.io'
const group = 'crd.k8s.amazonaws.com'

/** What ipamd asks the API for without security groups, custom networking and policies; found by what it was refused. */
const rules = [
  { apiGroups: [''], resources: ['pods', 'nodes', 'namespaces'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [group], resources: ['eniconfigs'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'list'] },
]

/** The account of the agent with what it may do, and the kind of objects it looks for when it starts; there are none of it. */
export function accessObjects(): KubeObject[] {
  return [
    {
      apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `eniconfigs.${group}` },
      spec: {
        group, scope: 'Cluster', names: { kind: 'ENIConfig', plural: 'eniconfigs', singular: 'eniconfig' },
        versions: [{ name: 'v1alpha1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }],
      },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: agentName, namespace: awsVpcNamespace } },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: agentName }, rules },
    {
      apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name: agentName },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: agentName }, subjects: [{ kind: 'ServiceAccount', name: agentName, namespace: awsVpcNamespace }],
    },
  ]
}
