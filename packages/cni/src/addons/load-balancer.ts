import { type Deadline, poll } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import { imageNamed } from '../images.ts'
import type { Addon } from './port.ts'

/** Namespace of the account that the load balancer signs in with. */
export const cloudNamespace = 'hoplab-cloud'
const name = 'load-balancer'
const tokenSecret = 'load-balancer-token'
const kubeconfigPath = '/etc/hoplab/kubeconfig'
/** Where the program says how it stands with the cluster (packages/images/programs/internal/balancer/run.go). */
const statusPath = '/run/hoplab-balancer.status'
const inStep = 'in step with the cluster'

/**
 * What a cloud puts in front of Services of type LoadBalancer: HAProxy on a machine of its own, with an address for each Service, and a controller beside
 * it that may read Services and Nodes and write the status of Services.
 */
export function loadBalancerAddon(): Addon {
  return {
    name, needs: ['internet'], images: ['edge'],
    machine: ({ loadBalancer, pool }, images) => ({
      image: imageNamed('edge', name, images), address: loadBalancer, reachesNodes: true, capabilities: ['NET_ADMIN'],
      environment: { HOPLAB_POOL: pool.join('-'), HOPLAB_KUBECONFIG: kubeconfigPath }, argv: ['/usr/local/bin/hoplab-balancer'],
    }),
    install: async ({ kube, apiServer }, deadline) => {
      for (const object of accountObjects()) await kube.apply(object, deadline)
      return [{ path: kubeconfigPath, text: JSON.stringify(kubeconfig(apiServer, await credentials(kube, deadline))) }]
    },
    pending: async (onMachine) => {
      const { stdout } = await onMachine(['sh', '-c', `cat ${statusPath} 2>/dev/null || true`])
      return stdout.trim() === inStep ? [] : [`the load balancer is not in step with the cluster: ${stdout.trim() || 'it has said nothing yet'}`]
    },
  }
}

/** An account that can do what the controller does and no more. */
function accountObjects(): KubeObject[] {
  const metadata = { name, namespace: cloudNamespace }
  const role = { name: `hoplab:${name}` }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: cloudNamespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: tokenSecret, namespace: cloudNamespace, annotations: { 'kubernetes.io/service-account.name': name } }, type: 'kubernetes.io/service-account-token' },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: role,
      rules: [{ apiGroups: [''], resources: ['services', 'nodes'], verbs: ['list'] }, { apiGroups: [''], resources: ['services/status'], verbs: ['patch'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: role,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role.name }, subjects: [{ kind: 'ServiceAccount', name, namespace: cloudNamespace }],
    },
  ]
}

interface Credentials { token: string; authority: string }

/** The token controller fills the Secret in some time after both it and the account are there. */
async function credentials(kube: KubeClient, deadline: Deadline): Promise<Credentials> {
  const read = async (): Promise<Credentials | undefined> => {
    const secret = await kube.get({ apiVersion: 'v1', kind: 'Secret', name: tokenSecret, namespace: cloudNamespace }, deadline)
    const { token, 'ca.crt': authority } = ((secret as { data?: Record<string, string> } | undefined)?.data ?? {})
    return token && authority ? { token: Buffer.from(token, 'base64').toString('utf8'), authority } : undefined
  }
  const found = await poll(read, { deadline, everyMs: 100, maxEveryMs: 500, until: (one) => one !== undefined })
  return found.last as Credentials
}

const kubeconfig = (server: string, { token, authority }: Credentials): object => ({
  apiVersion: 'v1', kind: 'Config', 'current-context': name,
  clusters: [{ name, cluster: { server, 'certificate-authority-data': authority } }],
  users: [{ name, user: { token } }],
  contexts: [{ name, context: { cluster: name, user: name } }],
})
