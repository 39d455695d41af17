import { Deadline } from '@hoplab/core'
import { FakeClock } from '@hoplab/core/testing'
import type { KubeObject } from '@hoplab/kube'
import { type FaultName, faultVerb, type FaultVerb } from '@hoplab/model'
import { expect, test } from 'vitest'
import { FakeCluster } from '../testing/index.ts'
import { act } from './act.ts'
import { planOf } from './registry.ts'

const deadline = (): Deadline => Deadline.start('test', 600_000, { clock: new FakeClock() })
const pod = { kind: 'Pod', apiVersion: 'v1', status: { phase: 'Running', podIP: '10.244.1.5', conditions: [{ type: 'Ready', status: 'True' }] } }
const container = {
  name: 'c', image: 'hoplab/echo', env: [{ name: 'ECHO_LISTEN', value: ':8080' }], ports: [{ name: 'http', containerPort: 8080 }],
  readinessProbe: { httpGet: { path: '/healthz', port: 'http' } },
}
const sidecar = { name: 's', image: 'hoplab/echo', restartPolicy: 'Always' }
const podSpec = { containers: [container], initContainers: [sidecar] }
const rolledOut = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 }

const objects: KubeObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } },
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'demo' }, spec: { clusterIP: '10.96.0.7', selector: { app: 'web', tier: 'front' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }, { name: 'b', port: 81, targetPort: 'http' }] } },
  { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'demo' }, spec: { replicas: 2, template: { metadata: { labels: { app: 'web' } }, spec: podSpec } }, status: rolledOut },
  { ...pod, metadata: { name: 'client', namespace: 'demo', labels: { app: 'client' } }, spec: { nodeName: 'n-worker', ...podSpec } },
  { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'web-1', namespace: 'demo', labels: { 'kubernetes.io/service-name': 'web' } }, addressType: 'IPv4', ports: [{ name: 'http', port: 8080 }], endpoints: [] },
  { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'coredns', namespace: 'kube-system' }, spec: { replicas: 2 }, status: rolledOut },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'coredns', namespace: 'kube-system' }, data: { Corefile: '.:53 {\n  kubernetes cluster.local in-addr.arpa {\n  }\n}\n' } },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kube-proxy', namespace: 'kube-system' }, data: { 'config.conf': 'clusterCIDR: 10.244.0.0/16\nmode: iptables\n', 'kubeconfig.conf': 'x' } },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'kube-proxy', namespace: 'kube-system' }, spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } }, template: { spec: { nodeSelector: { a: 'b' } } } },
    status: { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 } },
]

function clusterWith(): FakeCluster {
  const cluster = new FakeCluster({ name: 'demo', workers: 1, cni: 'flannel', proxyMode: 'iptables', images: 'local', podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16', internet: false }, 'run-1')
  for (const object of objects) cluster.kube.put(object)
  // What a server of the labs does when its switch is touched, and the kubelet with it.
  cluster.kube.onExec = async (ref, [program]) => {
    const ready = program === 'rm' ? 'True' : 'False'
    const found = await cluster.kube.get({ apiVersion: 'v1', kind: 'Pod', name: ref.pod, namespace: ref.namespace }, deadline())
    if (found) cluster.kube.put({ ...found, status: { ...pod.status, conditions: [{ type: 'Ready', status: ready }] } })
    return { exitCode: 0, stdout: '', stderr: '' }
  }
  // What the kubelet makes of a new Pod: ready, unless it waits for a sidecar that never ends.
  const create = cluster.kube.create.bind(cluster.kube)
  cluster.kube.create = async (object, bound) => {
    const made = await create(object, bound)
    if (object.kind === 'Namespace') cluster.kube.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: object.metadata.name } })
    if (object.kind === 'Deployment') cluster.kube.put({ ...made, status: rolledOut })
    if (object.kind !== 'Pod') return made
    const stuck = (object.spec as typeof podSpec).initContainers.some((one) => one.restartPolicy !== 'Always')
    return cluster.kube.put({ ...made, status: { ...pod.status, conditions: [{ type: 'Ready', status: stuck ? 'False' : 'True' }] } })
  }
  return cluster
}

/** Everything somebody wanted, with uids where an object must stay the same one. */
function wantedIn(cluster: FakeCluster, withUids: boolean): unknown {
  return [...cluster.kube.objects.values()].filter((object) => object.kind !== 'ServiceAccount').map(({ metadata, ...rest }) => {
    const { uid, resourceVersion: _version, creationTimestamp: _made, ...kept } = metadata
    return { ...rest, metadata: { ...kept, ...(withUids ? { uid } : {}) } }
  }).toSorted((a, b) => (JSON.stringify([a.kind, a.metadata]) < JSON.stringify([b.kind, b.metadata]) ? -1 : 1))
}

const podRef = { labels: { app: 'client' } }
const settings: Partial<Record<FaultName, { with: object; remade?: boolean; becomes: object }>> = {
  'selector-wrong': { with: { service: 'web' }, becomes: { selector: { 'hoplab.dev/nobody': 'true' } } },
  'target-port-wrong': { with: { service: 'web', port: 81 }, becomes: { name: 'b', port: 81, targetPort: 9 } },
  'named-port-differs': { with: { deployment: 'web' }, becomes: { ports: [{ name: 'renamed', containerPort: 8080 }], readinessProbe: { httpGet: { path: '/healthz', port: 'renamed' } } } },
  'readiness-failing': { with: { pod: podRef }, becomes: { type: 'Ready', status: 'False' } },
  'publish-not-ready': { with: { service: 'web', pod: podRef }, becomes: { publishNotReadyAddresses: true } },
  'session-affinity-on': { with: { service: 'web' }, becomes: { sessionAffinity: 'ClientIP' } },
  'extra-endpoint-slice': { with: { service: 'web', pod: podRef }, becomes: { addresses: ['10.244.1.5'], conditions: { ready: true } } },
  'host-network-client': { with: { pod: 'client' }, remade: true, becomes: { hostNetwork: true } },
  'client-dns-policy-default': { with: { deployment: 'web' }, becomes: { dnsPolicy: 'Default' } },
  'server-on-loopback': { with: { deployment: 'web' }, becomes: { env: [{ name: 'ECHO_LISTEN', value: '127.0.0.1:8080' }] } },
  'sidecar-without-restart-policy': { with: { pod: 'client' }, remade: true, becomes: { initContainers: [{ name: 's', image: 'hoplab/echo' }] } },
  'default-deny': { with: {}, becomes: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } },
  'coredns-scaled-down': { with: {}, becomes: { replicas: 0 } },
  'cluster-zone-renamed': { with: {}, becomes: { Corefile: '.:53 {\n  kubernetes renamed.example in-addr.arpa {\n  }\n}\n' } },
  'proxy-cluster-cidr-wrong': { with: {}, becomes: { 'config.conf': 'clusterCIDR: 10.99.0.0/16\nmode: iptables\n' } },
  'kube-proxy-stopped': { with: { node: 'worker-1' }, becomes: { key: 'metadata.name', operator: 'NotIn', values: ['n-worker'] } },
}

/** Puts a fault in and takes it back twice; returns everything that was while it was in. */
async function roundTrip(fault: string, told: object, remade: boolean): Promise<unknown> {
  const cluster = clusterWith()
  const before = wantedIn(cluster, !remade)
  const scene = { cluster, where: 'test', namespace: 'demo', deadline: deadline(), network: {
    cni: 'flannel' as const, networkPolicy: false, plugin: 'flannel', ipam: 'per-node' as const, agent: { namespace: 'kube-flannel', name: 'kube-flannel-ds' },
    proxyMode: 'iptables' as const, podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16' } }
  const plan = await planOf(faultVerb.parse({ fault, with: told }) as FaultVerb, scene)
  expect(wantedIn(cluster, !remade), 'planning changes nothing').toEqual(before)
  // As another process would find it in the lab's saved state.
  const undo = JSON.parse(JSON.stringify(plan.undo)) as typeof plan.undo
  const acting = { cluster, where: 'test', deadline: deadline() }
  await act(plan.do, { ...acting, undoing: false })
  const during = wantedIn(cluster, !remade)
  for (const time of ['once', 'twice']) {
    await act(undo, { ...acting, undoing: true })
    expect(wantedIn(cluster, !remade), `undone ${time}`).toEqual(before)
  }
  return during
}

test.each(Object.entries(settings))('%s changes objects, and its record alone takes exactly that back', async (fault, { with: told, remade, becomes }) => {
  const during = await roundTrip(fault, told, remade ?? false)
  expect(partsOf(during)).toContainEqual(expect.objectContaining(becomes))
})

test('namespace-deleted leaves nothing of the namespace, and its record brings all of it back', async () => {
  const during = await roundTrip('namespace-deleted', {}, true)
  expect(partsOf(during)).not.toContainEqual(expect.objectContaining({ namespace: 'demo' }))
})

/** Every value inside. */
function partsOf(value: unknown): unknown[] {
  if (value === null || typeof value !== 'object') return []
  return [value, ...Object.values(value).flatMap(partsOf)]
}
