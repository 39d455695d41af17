import ipaddr from 'ipaddr.js'
import { Broken } from '../probes/broken.ts'

/** Whether an address lies in a range such as `10.244.0.0/16`. An address of the other family does not. Throws {@link Broken} when the range is none. */
export function isIn(address: string, cidr: string): boolean {
  const [base, bits] = rangeOf(cidr)
  if (!ipaddr.isValid(address)) return false
  const one = ipaddr.process(address)
  return one.kind() === base.kind() && one.match(base, bits)
}

/** Whether two ranges have an address in common. */
export function overlap(a: string, b: string): boolean {
  const [first, firstBits] = rangeOf(a)
  const [second, secondBits] = rangeOf(b)
  if (first.kind() !== second.kind()) return false
  return first.match(second, Math.min(firstBits, secondBits))
}

function rangeOf(cidr: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (!ipaddr.isValidCIDR(cidr)) throw new Broken(`"${cidr}" is no range of addresses.`, { hopeless: true })
  return ipaddr.parseCIDR(cidr)
}
