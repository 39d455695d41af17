import type { KubeObject } from '@hoplab/kube'
import type { FaultAction, FaultSettings, PodRef } from '@hoplab/model'
import { onePod } from '../find-pod.ts'
import { cannot, existing, type FaultPlan, type FaultScene, type Mutation } from './mutation.ts'
import { patched } from './patched.ts'

type Workload = FaultSettings<'host-network-client'>
type Probe = { httpGet?: { port: number | string }; tcpSocket?: { port: number | string } }
type Container = {
  name: string; env?: { name: string; value?: string }[]; ports?: { name?: string; containerPort: number }[]; restartPolicy?: string
  readinessProbe?: Probe; livenessProbe?: Probe; startupProbe?: Probe
}
type PodSpec = { containers: Container[]; initContainers?: Container[] }

/** A bare Pod as it can be made again on the same node: without what the server wrote. */
function remade(pod: KubeObject, spec: object): KubeObject {
  const { name, namespace, labels, annotations } = pod.metadata
  return {
    apiVersion: 'v1', kind: 'Pod', spec,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
  }
}

/**
 * Changes the Pod spec of a Deployment, whose Pods its controller then replaces, or of a bare Pod, which is made anew because it cannot be changed.
 * @param works whether the new Pods can become ready, so that waiting for them makes sense
 */
async function specChanged(settings: Workload, scene: FaultScene, works: boolean, change: (spec: PodSpec) => Partial<PodSpec> | object): Promise<FaultPlan> {
  const namespace = settings.namespace ?? scene.namespace
  if (settings.deployment === undefined) return podRemade(settings.pod ?? '', namespace, scene, works, change)
  const deployment = await existing({ apiVersion: 'apps/v1', kind: 'Deployment', name: settings.deployment, namespace }, scene)
  const spec = (deployment.spec as { template: { spec: PodSpec } }).template.spec
  // Containers go along unchanged, so that what the server fills in for the new spec (host ports) is taken back too.
  const one = patched(deployment, { spec: { template: { spec: { containers: spec.containers, ...change(spec) } } } } as never)
  const rolledOut: FaultAction = { act: 'wait', until: { state: 'rolled-out', kind: 'Deployment', namespace, name: settings.deployment } }
  return { do: works ? [one.do, rolledOut] : [one.do], undo: [one.undo, rolledOut] }
}

async function podRemade(name: string, namespace: string, scene: FaultScene, works: boolean, change: (spec: PodSpec) => object): Promise<FaultPlan> {
  const pod = await existing({ apiVersion: 'v1', kind: 'Pod', name, namespace }, scene)
  if ((pod.metadata.ownerReferences ?? []).some((owner) => owner.controller)) throw cannot(scene, `change Pod ${name}`, 'A controller makes it; name its Deployment.')
  const spec = pod.spec as PodSpec
  const until = (is: 'ready' | 'unready'): FaultAction => ({ act: 'wait', until: { state: 'pod', namespace, name, is } })
  const changed = Object.entries({ ...spec, ...change(spec) }).filter(([, value]) => value !== null)
  return {
    do: [{ act: 'recreate', object: remade(pod, Object.fromEntries(changed)) }, until(works ? 'ready' : 'unready')],
    undo: [{ act: 'recreate', object: remade(pod, spec) }, until('ready')],
  }
}

/** The Pods borrow their node's network: their address is the node's. */
export const hostNetworkClient: Mutation<'host-network-client'> = {
  layer: 'pod',
  plan: (settings, scene) => specChanged(settings, scene, true, () => ({ hostNetwork: true })),
}

/** The Pods ask their node's name server, which knows no Service. */
export const clientDnsPolicyDefault: Mutation<'client-dns-policy-default'> = {
  layer: 'dns',
  plan: (settings, scene) => specChanged(settings, scene, true, () => ({ dnsPolicy: 'Default' })),
}

/** The server listens on loopback only. Its probes go with it: the kubelet would see what clients see, and take the Pods out of the Service. */
export const serverOnLoopback: Mutation<'server-on-loopback'> = {
  layer: 'pod',
  plan: (settings, scene) => specChanged(settings, scene, true, ({ containers: [first, ...others] }) => {
    if (!first) throw cannot(scene, 'find the server', 'The Pod has no container.')
    const { readinessProbe: _ready, livenessProbe: _live, startupProbe: _startup, ...rest } = first
    const env = (first.env ?? []).filter((one) => one.name !== 'ECHO_LISTEN')
    const listen = { name: 'ECHO_LISTEN', value: `127.0.0.1:${first.ports?.[0]?.containerPort ?? 8080}` }
    return { containers: [{ ...rest, env: [...env, listen] }, ...others] }
  }),
}

/** A sidecar is an ordinary init container: it never ends, so the app never starts. */
export const sidecarWithoutRestartPolicy: Mutation<'sidecar-without-restart-policy'> = {
  layer: 'pod',
  plan: (settings, scene) => specChanged(settings, scene, false, ({ initContainers = [] }) => {
    if (!initContainers.some((one) => one.restartPolicy === 'Always')) throw cannot(scene, 'find a sidecar', 'No init container has restartPolicy Always.')
    return { initContainers: initContainers.map(({ restartPolicy: _always, ...one }) => one) }
  }),
}

/** A port of the Pods has another name than the Service's targetPort; probes follow, so the Pods stay ready. */
export const namedPortDiffers: Mutation<'named-port-differs'> = {
  layer: 'service',
  plan: (settings, scene) => specChanged({ ...settings, pod: undefined }, scene, true, ({ containers }) => {
    const name = containers.flatMap((one) => one.ports ?? []).find((port) => port.name !== undefined)?.name
    if (name === undefined) throw cannot(scene, 'rename a port', `No container of ${settings.deployment} has a named port.`)
    return { containers: containers.map((one) => renamed(one, name, settings.to)) }
  }),
}

function renamed(container: Container, from: string, to: string): Container {
  const probe = (one: Probe | undefined): Probe | undefined => (one === undefined ? undefined : JSON.parse(
    JSON.stringify(one, (key, value: unknown) => (key === 'port' && value === from ? to : value))) as Probe)
  const probes = (['readinessProbe', 'livenessProbe', 'startupProbe'] as const).flatMap((key) => (container[key] ? [[key, probe(container[key])]] : []))
  return { ...container, ports: (container.ports ?? []).map((port) => (port.name === from ? { ...port, name: to } : port)), ...Object.fromEntries(probes) as object }
}

/** One Pod's server says that it is not ready; it goes on serving whoever asks it directly. */
export const readinessFailing: Mutation<'readiness-failing'> = {
  layer: 'pod',
  plan: async ({ pod, file }, scene) => unready(pod, file, scene),
}

/** {@link readinessFailing} for the first of the Pods that are meant. `file` is the echo server's switch (ECHO_UNREADY_FILE). */
export async function unready(ref: PodRef, file: string, scene: FaultScene): Promise<FaultPlan> {
  const { metadata } = await onePod(ref, scene.namespace, 'to make unready', scene.cluster.kube, scene.deadline)
  const at = { namespace: metadata.namespace ?? 'default', name: metadata.name }
  return {
    do: [{ act: 'exec', ...at, argv: ['touch', file] }, { act: 'wait', until: { state: 'pod', ...at, is: 'unready' } }],
    undo: [{ act: 'exec', ...at, argv: ['rm', '-f', file] }, { act: 'wait', until: { state: 'pod', ...at, is: 'ready' } }],
  }
}
