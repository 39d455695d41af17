import type { Deadline } from '@hoplab/core'
import { daemonSetPending, type KubeClient } from '@hoplab/kube'
import { imageNamed } from '../../images.ts'
import type { Addon, OnMachine } from '../port.ts'
import { ingressName, ingressNamespace, ingressObjects, ingressPorts, readyIngress } from './objects.ts'

const name = 'ingress'

/**
 * An Ingress controller: HAProxy Ingress on every worker, for Ingresses of class `haproxy`, open to the internet at two NodePorts. It is Pods, and no
 * machine beside the nodes.
 */
export function ingressAddon(): Addon {
  return {
    name, needs: ['internet'], images: ['haproxyIngress'], namespaces: [ingressNamespace],
    install: async ({ kube, images }, deadline) => {
      for (const object of ingressObjects(imageNamed('haproxyIngress', name, images))) await kube.apply(object, deadline)
      return []
    },
    pending: async (onInternet, deadline, kube) => {
      const workers = await workerAddresses(kube, deadline)
      const waiting = await daemonSetPending(kube, { namespace: ingressNamespace, name: ingressName }, workers.length, deadline)
      if (waiting.length > 0) return waiting
      return [...await withoutAddress(kube, deadline), ...(await Promise.all(workers.map((address) => unanswered(onInternet, address)))).flat()]
    },
  }
}

/** InternalIPs of the nodes that run the controller: those that no taint keeps Pods from. */
async function workerAddresses(kube: KubeClient, deadline: Deadline): Promise<string[]> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline)
  return nodes.filter(({ metadata }) => metadata.labels?.['node-role.kubernetes.io/control-plane'] === undefined)
    .flatMap((node) => (node.status as { addresses?: { type: string; address: string }[] } | undefined)?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? [])
}

/** The leader writes addresses into Ingresses. One that hangs says that it is ready all the same, and serves nothing. */
async function withoutAddress(kube: KubeClient, deadline: Deadline): Promise<string[]> {
  const ingress = await kube.get({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: readyIngress.name, namespace: ingressNamespace }, deadline)
  const { loadBalancer } = (ingress?.status ?? {}) as { loadBalancer?: { ingress?: unknown[] } }
  return loadBalancer?.ingress?.length ? [] : [`Ingress ${ingressNamespace}/${readyIngress.name} has been given no address by the Ingress controller yet`]
}

/** Asks the controller on one node, as a client on the internet does. */
async function unanswered(onInternet: OnMachine, address: string): Promise<string[]> {
  const place = `${address}:${ingressPorts.http}`
  const { exitCode, stderr } = await onInternet(['curl', '--silent', '--show-error', '--fail', '--max-time', '2', '--header', `Host: ${readyIngress.host}`, `http://${place}${readyIngress.path}`])
  return exitCode === 0 ? [] : [`the Ingress controller at ${place} does not serve its own Ingress to the internet: ${stderr.trim() || `curl ended with ${exitCode}`}`]
}
