import { NotMet } from '../kinds/look.ts'
import type { Round } from '../round.ts'
import { clusterIpOf, type Endpoint, endpointsOf, serviceOf } from './services.ts'

/** Namespace and name of the Service through which a cluster's DNS is asked (kubeadm's, and the specification's). */
const dnsService = { namespace: 'kube-system', name: 'kube-dns' } as const

/** Port of DNS over either transport, of the Service and of CoreDNS (RFC 1035 §4.2). */
const dnsPort = 53

/** One name server to ask. Without `address` the one of the place it is asked from. */
export interface NameServer { address?: string; label: string }

/** The ready DNS Pods, as the Service's EndpointSlices list them; none when there is no such Service. */
export function dnsEndpoints({ snapshot }: Round): Endpoint[] {
  const service = serviceOf(snapshot, dnsService.namespace, dnsService.name)
  return service ? endpointsOf(snapshot, service, dnsPort) : []
}

/** The servers that a check wants to ask. Throws `NotMet` when the DNS Service, its address or its Pods are missing. */
export function nameServersOf(round: Round, which: 'service' | 'each' | undefined): NameServer[] {
  if (which === undefined) return [{ label: '' }]
  const name = `${dnsService.namespace}/${dnsService.name}`
  const service = serviceOf(round.snapshot, dnsService.namespace, dnsService.name)
  const address = service && clusterIpOf(service)
  if (address === undefined) throw new NotMet(service ? `Service ${name} has no ClusterIP to ask DNS at.` : `There is no Service ${name} to ask DNS at.`, [], 'DNS')
  const front = { address: withPort(address, dnsPort), label: ` through Service ${name}` }
  if (which === 'service') return [front]
  const pods = dnsEndpoints(round)
  if (pods.length === 0) throw new NotMet(`Service ${name} has no ready endpoint: no DNS Pod is ready.`, [{ witness: 'api', observed: 'no ready endpoint', expected: 'at least one DNS Pod', command: `hoplab kubectl -n ${dnsService.namespace} get endpointslices,pods -o wide` }], 'DNS')
  return [front, ...pods.map(({ ip, port, pod }) => ({ address: withPort(ip, port ?? dnsPort), label: ` at ${pod === undefined ? ip : `Pod ${dnsService.namespace}/${pod}`}` }))]
}

const withPort = (ip: string, port: number): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)
