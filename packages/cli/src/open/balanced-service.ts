import { type Deadline, plainLine } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import { HOP_NOTHING_TO_OPEN } from '../errors.ts'
import type { OpenedCluster, WayIn } from './way.ts'

interface Balanced extends KubeObject {
  spec?: { type?: string; ports?: { port: number }[] }
  status?: { loadBalancer?: { ingress?: { ip?: string }[] } }
}

/** Which Service is meant: NAME, NAME:PORT or either behind NAMESPACE/. */
interface Asked { namespace?: string | undefined; name?: string | undefined; port?: number | undefined }

/**
 * The load balancer's address of a Service of the lab, by name, or of the only one that has an address.
 * @param asked `front`, `front:80`, `NAMESPACE/front`; undefined = the only one @throws HOP_NOTHING_TO_OPEN
 */
export async function balancedService(asked: string | undefined, cluster: OpenedCluster, namespaces: readonly string[], deadline: Deadline): Promise<WayIn> {
  const all = (await Promise.all(namespaces.map((namespace) => cluster.kube.list({ apiVersion: 'v1', kind: 'Service', namespace }, deadline)))).flat() as Balanced[]
  const service = chosen(asked, all.filter(({ spec }) => spec?.type === 'LoadBalancer'))
  const name = nameOf(service)
  const address = addressOf(service)
  if (address === undefined) throw HOP_NOTHING_TO_OPEN({ said: `The load balancer has given Service ${name} no address yet.`, why: 'Without one nobody outside of the cluster can ask it.', fix: `Run "hoplab kubectl describe service ${service.metadata.name} -n ${service.metadata.namespace}".` })
  const port = portOf(service, readAsked(asked).port)
  const to = `${address}:${port}`
  const url = (local: number): string => `http://127.0.0.1:${local}/`
  return {
    to, facts: (local) => ({ url: url(local), service: name, to }),
    text: (local) => `${url(local)} leads to Service ${name} at ${to} of the load balancer, as the lab's host on the internet asks it.`,
  }
}

function chosen(asked: string | undefined, all: readonly Balanced[]): Balanced {
  const { namespace, name } = readAsked(asked)
  const meant = all.filter(({ metadata }) => (name === undefined || metadata.name === name) && (namespace === undefined || metadata.namespace === namespace))
  const there = all.map(nameOf).join(', ')
  const withAddress = name === undefined ? meant.filter((one) => addressOf(one) !== undefined) : meant
  const [one, another] = withAddress.length > 0 ? withAddress : meant
  if (one === undefined) throw HOP_NOTHING_TO_OPEN({ said: name === undefined ? 'The lab has no Service of type LoadBalancer.' : `The lab has no Service "${plainLine(name, 60)}" of type LoadBalancer.`, why: `Of that type there are: ${there || 'none'}.`, fix: 'Name one of them, or make one: "hoplab kubectl expose … --type=LoadBalancer".' })
  if (another !== undefined) throw HOP_NOTHING_TO_OPEN({ said: 'Several Services are meant.', why: `Of type LoadBalancer there are: ${there}.`, fix: `Name one, e.g. "hoplab open lb ${nameOf(one)}".` })
  return one
}

function portOf(service: Balanced, asked: number | undefined): number {
  const ports = (service.spec?.ports ?? []).map(({ port }) => port)
  const port = asked ?? ports[0]
  if (port !== undefined && ports.includes(port)) return port
  throw HOP_NOTHING_TO_OPEN({ said: `Service ${nameOf(service)} has no port ${port ?? ''}.`, why: `It has: ${ports.join(', ') || 'none'}.`, fix: `Name one of them, e.g. "hoplab open lb ${nameOf(service)}:${ports[0] ?? 80}".` })
}

function readAsked(asked: string | undefined): Asked {
  if (asked === undefined) return {}
  const [, namespace, name = asked, port] = /^(?:([^/]+)\/)?([^/:]+)(?::(\d+))?$/u.exec(asked) ?? []
  return { namespace, name, port: port === undefined ? undefined : Number(port) }
}

const nameOf = ({ metadata }: KubeObject): string => `${metadata.namespace}/${metadata.name}`
const addressOf = ({ status }: Balanced): string | undefined => status?.loadBalancer?.ingress?.[0]?.ip
