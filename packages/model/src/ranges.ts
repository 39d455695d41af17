import ipaddr from 'ipaddr.js'
import { z } from 'zod'

/** Address ranges of one cluster, as CIDR. */
export interface ClusterRanges {
  /** Of its Pods: kubeadm's `podSubnet`. */
  pods: string
  /** Of ClusterIPs: kubeadm's `serviceSubnet`. */
  services: string
}

/** Those of a cluster whose lab says nothing of them: kind's own. */
export const defaultRanges: Readonly<ClusterRanges> = { pods: '10.244.0.0/16', services: '10.96.0.0/16' }

/** Names of ranges, and of their places: `$seed.pods`. */
export const rangeNames = ['pods', 'services'] as const

/** An address and the length of its prefix. */
type Span = [ipaddr.IPv4, number]

/** Where every range lies. The engine hands out networks of 172.16.0.0/12 and 192.168.0.0/16; those of nodes and of the internets of labs are not in it either. */
const around = ipaddr.IPv4.parseCIDR('10.0.0.0/8')
/** What labs and faults write where they mean addresses that are no Pod's and no Service's. */
const nobodys = '10.99.0.0/16'

/** Undefined for what is no IPv4 range. */
const spanOf = (cidr: string): Span | undefined => (ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr) ? ipaddr.IPv4.parseCIDR(cidr) : undefined)

const meet = ([one, bits]: Span, [other, otherBits]: Span): boolean => one.match(other, Math.min(bits, otherBits))

/** Whether two ranges, as CIDR, have an address in common. What is no range has none. */
function overlap(a: string, b: string): boolean {
  const [one, other] = [spanOf(a), spanOf(b)]
  return one !== undefined && other !== undefined && meet(one, other)
}

/** What is wrong with a range of so many bits, most basic first. */
function problemOf(cidr: string, { shortest, longest, size }: { shortest: number; longest: number; size: string }): string | undefined {
  const span = spanOf(cidr)
  if (!span) return 'must be an IPv4 range such as 10.42.0.0/16'
  const [address, bits] = span
  if (bits < shortest || bits > longest) return `must be ${size}`
  const first = String(ipaddr.IPv4.networkAddressFromCIDR(cidr))
  if (first !== String(address)) return `must begin with its first address: ${first}/${bits}`
  if (!meet(span, around)) return 'must be private and inside 10.0.0.0/8: the engine and hoplab take their networks elsewhere'
  return overlap(cidr, nobodys) ? `must not overlap with ${nobodys}: labs and faults mean by it what no cluster has` : undefined
}

const rangesOf = (bounds: Parameters<typeof problemOf>[1]) => z.array(z.string()).min(2).superRefine((all, context) => {
  for (const [index, cidr] of all.entries()) {
    const message = all.indexOf(cidr) < index ? 'must not be there twice' : problemOf(cidr, bounds)
    if (message !== undefined) context.addIssue({ code: 'custom', path: [index], message })
  }
})

/** Ranges of a lab's cluster that its seed decides. Those it does not name are {@link defaultRanges}. */
export const seededRanges = z.strictObject({
  /** Of which one is the cluster's for Pods. A /16: kube-controller-manager gives each node a /24 of it. */
  pods: rangesOf({ shortest: 16, longest: 16, size: 'a /16: of it each node gets a /24' }).optional(),
  /** Of which one is the cluster's for Services. A /12 at most, as kube-apiserver asks. */
  services: rangesOf({ shortest: 12, longest: 24, size: 'a /12 to a /24: the API server takes no more addresses, and a lab wants some' }).optional(),
}).superRefine(({ pods, services }, context) => {
  // Blamed is what the lab says, and of two the later one.
  const [blamed, others, whose, path] = services ? [services, pods ?? [defaultRanges.pods], 'Pods', 'services'] as const : [pods ?? [], [defaultRanges.services], 'Services', 'pods'] as const
  for (const [index, cidr] of blamed.entries()) {
    const other = others.find((one) => overlap(one, cidr))
    if (other !== undefined) context.addIssue({ code: 'custom', path: [path, index], message: `must not overlap with ${other} of the ${whose}: each may be drawn with each` })
  }
})
