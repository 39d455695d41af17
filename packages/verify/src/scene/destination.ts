import { plainLine } from '@hoplab/core'
import type { ProbeTarget } from '@hoplab/model'
import { NotMet } from '../kinds/look.ts'
import { Broken } from '../probes/broken.ts'
import type { Round } from '../round.ts'
import { normalIp } from '../witness/address.ts'
import type { Service } from './kube-shapes.ts'
import type { Origin } from './origin.ts'
import { outsideFactsOf, podsCommand } from './origin.ts'
import { describePodRef, isRunning, podName, podsOf, stateOf } from './pods.ts'
import { clusterIpOf, type Endpoint, endpointsOf, serviceOf } from './services.ts'

/** A place requests go to, as the API describes it now. */
export interface Destination {
  /** `Service first-packet/hello:80`, `Pod first-packet/server:8080`, `an unused Pod address:80`. */
  label: string
  port: number
  /** Addresses to dial: one for a Service, one per Pod. */
  addresses: string[]
  service: Service | undefined
  /** Where a Service sends requests; for Pods the Pods themselves. */
  endpoints: Endpoint[]
  /** Name to resolve first, as a client in this namespace would write it. */
  nameFrom: ((origin: Origin) => string) | undefined
  /** True when only one server can be behind each dialled address. */
  direct: boolean
  /** Node whose address is dialled for a Service's NodePort: its kube-proxy chooses the endpoint. */
  entry?: string
  /** @default tcp */
  protocol?: 'tcp' | 'udp'
}

/** Resolves a target. Throws `NotMet` when what it names does not exist. */
export async function destinationOf(round: Round, target: ProbeTarget): Promise<Destination> {
  if ('nobody' in target) {
    const address = await round.nobodies.at(target.nobody)
    return { label: `${nobodyNames[target.nobody]} (${address}:${target.port})`, port: target.port, addresses: [address], service: undefined, endpoints: [], nameFrom: undefined, direct: false }
  }
  if ('outside' in target) return internetDestination(round, target.port)
  return 'service' in target ? serviceDestination(round, target) : podDestination(round, target)
}

const nobodyNames = {
  'cluster-ip': 'an unused ClusterIP', 'pod-ip': 'an unused Pod address', gateway: "the nodes' way to the host", 'link-local': 'a link-local address', public: 'a public address',
} as const

function serviceDestination(round: Round, target: Extract<ProbeTarget, { service: string }>): Destination {
  const namespace = target.namespace ?? round.defaultNamespace
  const label = `Service ${namespace}/${target.service}:${target.port}`
  const command = `hoplab kubectl -n ${namespace} get services,endpointslices`
  const service = serviceOf(round.snapshot, namespace, target.service)
  if (!service) throw new NotMet(`There is no Service ${namespace}/${target.service}.`, [{ witness: 'api', observed: 'no such Service', expected: label, command }], label)
  const address = clusterIpOf(service)
  const endpoints = endpointsOf(round.snapshot, service, target.port)
  if (target.via === 'node-port') return nodePortDestination(round, { position: target.node ?? '', service, endpoints, label, port: target.port })
  if (target.via === 'load-balancer') return balancedDestination(round, { service, endpoints, label, port: target.port })
  if (!address && target.via === 'cluster-ip') throw new NotMet(`Service ${namespace}/${target.service} has no ClusterIP.`, [{ witness: 'api', observed: `clusterIP ${plainLine(String(service.spec?.clusterIP))}`, expected: 'a ClusterIP', command }], label)
  const nameFrom = (origin: Origin): string => (origin.pod?.metadata.namespace === namespace ? target.service : `${target.service}.${namespace}`)
  return { label, port: target.port, addresses: address ? [address] : [], service, endpoints, nameFrom: target.via === 'cluster-ip' ? undefined : nameFrom, direct: false }
}

/** The host beyond the gateway. It is ours and nothing in the lab may touch it: who answers at its address is it. */
function internetDestination(round: Round, port: number): Destination {
  const { host } = outsideFactsOf(round)
  return { label: `the host on the internet (${host}:${port})`, port, addresses: [host], service: undefined, endpoints: [], nameFrom: undefined, direct: true }
}

interface NodePortAsked { position: string; service: Service; endpoints: Endpoint[]; label: string; port: number }

/** A NodePort is dialled at one node; which endpoint answers is decided there. */
function nodePortDestination(round: Round, { position, service, endpoints, label, port }: NodePortAsked): Destination {
  const entry = round.view.nodeName(position)
  const address = round.view.nodes.find(({ name }) => name === entry)?.address
  const nodePort = service.spec?.ports?.find((one) => one.port === port && (one.protocol ?? 'TCP') === 'TCP')?.nodePort
  if (nodePort === undefined || address === undefined) throw new NotMet(`${label} has no NodePort.`, [{ witness: 'api', observed: `type ${plainLine(service.spec?.type ?? 'ClusterIP', 40)}, no nodePort for port ${port}`, expected: 'a Service of type NodePort', command: `hoplab kubectl -n ${service.metadata.namespace} get service ${service.metadata.name} -o yaml` }], label)
  return { label: `${label} by NodePort ${nodePort} of ${position}`, port: nodePort, addresses: [address], service, endpoints, nameFrom: undefined, direct: false, entry }
}

/** A Service at the address that the load balancer gave it. One that somebody wrote there by hand, or that is nobody's, is no such address. */
function balancedDestination(round: Round, { service, endpoints, label, port }: Omit<NodePortAsked, 'position'>): Destination {
  const { loadBalancer } = outsideFactsOf(round)
  if (!loadBalancer) throw new Broken('This lab has no load balancer: its lab.yaml names no add-on of that name.', { hopeless: true })
  const { name, namespace } = service.metadata
  const command = `hoplab kubectl -n ${namespace} get service ${name}`
  const [first, last] = loadBalancer.pool
  const address = (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => normalIp(ip ?? '') ?? [])[0]
  const given = address === undefined ? `no address (type ${plainLine(service.spec?.type ?? 'ClusterIP', 40)})` : plainLine(address, 60)
  const evidence = [{ witness: 'api', observed: given, expected: `an address from ${first} to ${last}`, command }]
  const pending = service.spec?.type === 'LoadBalancer'
  if (address === undefined) throw new NotMet(`No load balancer has given Service ${namespace}/${name} an address${pending ? ' yet: it is pending' : ''}.`, evidence, label, pending ? undefined : 0)
  if (!isBetween(address, first, last)) throw new NotMet(`The address ${given} of Service ${namespace}/${name} is none of the load balancer's.`, evidence, label)
  return { label: `${label} at the load balancer`, port, addresses: [address], service, endpoints, nameFrom: undefined, direct: false }
}

/** Whether an IPv4 address lies in a range, both ends included. */
function isBetween(address: string, first: string, last: string): boolean {
  const [low, value, high] = [first, address, last].map((one) => one.split('.').reduce((sum, part) => sum * 256 + Number(part), 0))
  return low !== undefined && value !== undefined && high !== undefined && low <= value && value <= high
}

function podDestination(round: Round, target: Extract<ProbeTarget, { pod: unknown }>): Destination {
  const wanted = describePodRef(target.pod, round.defaultNamespace)
  const command = podsCommand(target.pod.namespace ?? round.defaultNamespace)
  const pods = podsOf(round.snapshot, target.pod, round.defaultNamespace).filter((pod) => pod.metadata.deletionTimestamp === undefined)
  if (pods.length === 0) throw new NotMet(`There is no ${wanted} to ask.`, [{ witness: 'api', observed: 'no such Pod', expected: wanted, command }])
  const idle = pods.find((pod) => !isRunning(pod))
  if (idle) throw new NotMet(`Pod ${podName(idle)} is not running: ${stateOf(idle)}.`, [{ witness: 'api', observed: stateOf(idle), expected: 'Running', command }])
  const endpoints = pods.map((pod) => ({ ip: pod.status?.podIP ?? '', port: target.port, node: pod.spec?.nodeName, pod: pod.metadata.name }))
  return { label: `${pods.map((pod) => `Pod ${podName(pod)}`).join(', ')}, port ${target.port}`, port: target.port, addresses: endpoints.map(({ ip }) => ip), service: undefined, endpoints, nameFrom: undefined, direct: true }
}
