import type { KubeObject } from '@hoplab/kube'
import type { CniName } from '@hoplab/model'
import type { LabMaterial } from '../material.ts'

/** Namespace of the Pods that ask and answer. */
export const openNamespace = 'matrix'
/** Namespace whose Pods a policy is put around. */
export const guardedNamespace = 'matrix-guarded'
/** Workers of every cluster that is asked: the least with a way between two of them. */
export const workers = 2

/** Places of the servers: two on each worker, so that both have a neighbour. */
const servers = [['one-a', 'worker-1'], ['one-b', 'worker-1'], ['two-a', 'worker-2'], ['two-b', 'worker-2']] as const

/** The worker that a server of this name is on. */
export const serverPosition = (name: string): string | undefined => servers.find(([known]) => known === name)?.[1]

/** What every network is asked about, as a lab without steps: nobody learns from it, so there is nothing to solve and nothing to score. */
export function matrixLab(cni: CniName): LabMaterial {
  const title = { en: 'Networks side by side', 'hi-Latn': 'Networks aamne saamne' }
  return {
    file: {
      id: 'matrix', section: 0, title, summary: title, minutes: 1, workers, proxyModes: ['iptables', 'nftables'], cnis: [cni],
      addons: [], namespaces: [openNamespace, guardedNamespace], nodeCommands: [], steps: [],
    },
    manifests: [
      ...servers.map(([name, position]) => pod(name, position, openNamespace, { app: 'web', on: position })),
      pod('guarded-1', 'worker-1', guardedNamespace, { app: 'guarded' }), pod('guarded-2', 'worker-2', guardedNamespace, { app: 'guarded' }),
      service('web', { app: 'web' }, { type: 'NodePort' }),
      // Its only endpoints are on the other node than the client of the trace, its only endpoint is the client itself.
      service('far', { on: 'worker-2' }), service('self', { name: 'one-a' }),
    ],
    solutions: [], nearMisses: [], faults: [],
  }
}

/** Nothing may come to any Pod of the guarded namespace. */
export const denyAll: KubeObject = policy('deny-all', { podSelector: {}, policyTypes: ['Ingress'] })

/** One Pod of the other namespace may, and no other. */
export const allowOne: KubeObject = policy('allow-one', {
  podSelector: {}, policyTypes: ['Ingress'],
  ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': openNamespace } }, podSelector: { matchLabels: { name: 'one-a' } } }] }],
})

function policy(name: string, spec: object): KubeObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace: guardedNamespace }, spec }
}

function service(name: string, selector: Record<string, string>, more: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: openNamespace }, spec: { ...more, selector, ports: [{ name: 'http', port: 80, targetPort: 8080 }] } }
}

function pod(name: string, position: string, namespace: string, labels: Record<string, string>): KubeObject {
  const readinessProbe = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1, failureThreshold: 2 }
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { ...labels, name } },
    spec: { nodeSelector: { 'hoplab.dev/position': position }, terminationGracePeriodSeconds: 1, containers: [{ name: 'echo', image: 'hoplab/echo', ports: [{ containerPort: 8080 }], readinessProbe }] },
  }
}
