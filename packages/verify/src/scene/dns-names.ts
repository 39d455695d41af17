import ipaddr from 'ipaddr.js'
import type { Pod } from './kube-shapes.ts'
import { addressesOf } from './services.ts'
import type { Snapshot } from './snapshot.ts'

/** Zone of every cluster's own names. */
const zone = 'svc.cluster.local.'

/** Full name of a Service. */
export const serviceName = ({ name, namespace = '' }: { name: string; namespace?: string | undefined }): string => `${name}.${namespace}.${zone}`

/** A name that nobody has and nobody was asked for before, beside the Services of a namespace. */
export const freshName = (namespace: string): string => serviceName({ name: `hoplab-${crypto.randomUUID()}`, namespace })

/** The name whose PTR records say who has an address (RFC 1035 §3.5, RFC 3596 §2.5). */
export function reverseName(address: string): string {
  const parsed = ipaddr.process(address)
  const bytes = parsed.toByteArray()
  if (parsed.kind() === 'ipv4') return `${bytes.reverse().join('.')}.in-addr.arpa.`
  return `${bytes.flatMap((byte) => [byte >> 4, byte & 15]).reverse().map((digit) => digit.toString(16)).join('.')}.ip6.arpa.`
}

/** The first label of an endpoint's name: its hostname, or its address with dashes, as CoreDNS makes it. */
export const endpointLabel = ({ hostname, address }: { hostname?: string | undefined; address: string }): string => hostname || address.replace(/[.:]/gu, '-')

/** Names that ready endpoints give a Pod. `promised` ones have a hostname; CoreDNS may leave the others out. */
export function namesOfPod(snapshot: Snapshot, pod: Pod): { name: string; promised: boolean }[] {
  const own = addressesOf(pod)
  return snapshot.slices.flatMap(({ metadata, endpoints }) => {
    const service = metadata.labels?.['kubernetes.io/service-name']
    if (service === undefined) return []
    return (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses, hostname }) => addresses.filter((address) => own.includes(address))
      .map((address) => ({ name: `${endpointLabel({ hostname, address })}.${serviceName({ name: service, namespace: metadata.namespace })}`, promised: Boolean(hostname) })))
  })
}
