import { type Deadline, plainLine } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import { ingressController } from '@hoplab/model'
import { HOP_NOTHING_TO_OPEN } from '../errors.ts'
import type { OpenedCluster, WayIn } from './way.ts'

const { namespace: home, name: app, class: ingressClass, ports } = ingressController

interface IngressObject extends KubeObject {
  spec?: { ingressClassName?: string; rules?: { host?: string }[]; tls?: { hosts?: string[] }[] }
}
interface PodObject extends KubeObject {
  spec?: { nodeName?: string }
  status?: { conditions?: { type: string; status: string }[] }
}

/** A host that the controller has a rule for. */
interface Host { host: string; secure: boolean }

/** The Ingress controller at a worker where it is ready, and the hosts that Ingresses of its class name. @throws HOP_NOTHING_TO_OPEN where it is ready nowhere */
export async function ingressHosts({ kube, nodes }: OpenedCluster, namespaces: readonly string[], deadline: Deadline): Promise<WayIn> {
  const [pods, ingresses] = await Promise.all([
    kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: home, labelSelector: `app=${app}` }, deadline) as Promise<PodObject[]>,
    Promise.all(namespaces.map((namespace) => kube.list({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace }, deadline))) as Promise<IngressObject[][]>,
  ])
  const node = nodes.find(({ name }) => pods.some((pod) => pod.spec?.nodeName === name && isReady(pod)))
  if (!node) throw HOP_NOTHING_TO_OPEN({ said: 'The Ingress controller is ready on no node.', why: `Its Pods are those of DaemonSet ${home}/${app}.`, fix: `Run "hoplab kubectl get pods -n ${home}"; "hoplab reset" puts it back.` })
  const to = { plain: `${node.address}:${ports.http}`, tls: `${node.address}:${ports.https}` }
  const hosts = hostsOf(ingresses.flat())
  return {
    to: to.plain, tls: to.tls,
    facts: (port) => ({ url: `http://127.0.0.1:${port}/`, tlsUrl: `https://127.0.0.1:${port}/`, to: to.plain, tlsTo: to.tls, hosts: hosts.map((one) => ({ ...one, url: urlOf(one, port), resolve: resolveOf(one, port) })) }),
    text: (port) => textOf(hosts, node.name, port),
  }
}

const isReady = ({ metadata, status }: PodObject): boolean => metadata.deletionTimestamp === undefined && (status?.conditions ?? []).some(({ type, status: how }) => type === 'Ready' && how === 'True')

/** Each host once, in the order of the Ingresses; of a wildcard a name that it covers. */
function hostsOf(ingresses: readonly IngressObject[]): Host[] {
  const served = ingresses.filter(({ spec }) => spec?.ingressClassName === ingressClass)
  const secured = new Set(served.flatMap(({ spec }) => (spec?.tls ?? []).flatMap(({ hosts = [] }) => hosts)))
  const named = [...new Set(served.flatMap(({ spec }) => (spec?.rules ?? []).flatMap(({ host }) => host ?? [])))]
  return named.map((host) => ({ host: plainLine(host, 253).replace(/^\*/u, 'any'), secure: secured.has(host) }))
}

const urlOf = ({ host, secure }: Host, port: number): string => `${secure ? 'https' : 'http'}://${host}:${port}/`
const resolveOf = ({ host }: Host, port: number): string => `${host}:${port}:127.0.0.1`
/** A lab's certificate is signed by nobody whom curl knows. */
const curlOf = (one: Host, port: number): string => `  curl ${one.secure ? '--insecure ' : ''}--resolve ${resolveOf(one, port)} ${urlOf(one, port)}`

function textOf(hosts: readonly Host[], node: string, port: number): string {
  const begin = `http://127.0.0.1:${port}/ and https://127.0.0.1:${port}/ lead to the Ingress controller on ${node}, as the lab's host on the internet asks it.`
  if (hosts.length === 0) return `${begin}\nNo Ingress of class ${ingressClass} names a host yet, so it has nothing to show. With one: curl --resolve NAME:${port}:127.0.0.1 http://NAME:${port}/`
  return [
    begin, 'It answers for the host that is asked for:', ...hosts.map((one) => curlOf(one, port)),
    `A browser needs those names to mean 127.0.0.1: start Chrome with --host-resolver-rules="${hosts.map(({ host }) => `MAP ${host} 127.0.0.1`).join(', ')}", or write them into the file of hosts.`,
  ].join('\n')
}
