import { plainLine } from '@hoplab/core'
import type { DnsAnswer, DnsType } from '../probes/request.ts'
import { normalIp } from './address.ts'

/** What the records of one type say, each once, sorted, in the spelling in which the API's words are written. Foreign text. */
export function saidBy(answer: DnsAnswer, type: DnsType): string[] {
  return [...new Set(answer.records.filter((record) => record.type === type).map(({ data }) => fieldText(type, data)))].sort()
}

/** One spelling for one meaning: addresses normal, names whole and lower-case; of SRV target and port, because priority and weight lead nowhere else. */
export function fieldText(type: DnsType, data: string): string {
  if (type === 'A' || type === 'AAAA') return normalIp(data) ?? data
  if (type !== 'SRV') return fullName(data)
  const [, , port = '', target = ''] = data.split(' ')
  return `${fullName(target)} port ${port}`
}

const fullName = (name: string): string => `${name.toLowerCase().replace(/\.$/u, '')}.`

/** An answer in words, safe to show. */
export function outcomeOf(answer: DnsAnswer, type: DnsType): string {
  if (answer.class !== 'OK' && answer.class !== 'DNS') return answer.class
  return plainLine([answer.rcode ?? answer.class, answer.truncated ? '(cut)' : [], saidBy(answer, type).join(', ') || []].flat().join(' '), 200)
}

/**
 * A search list ends with the bare name. A DNS without a way to the outside does not deny that: CoreDNS without `forward` says SERVFAIL (measured
 * here), others REFUSED; one with a way may know the name as somebody else's and have no record of it (`shop.` is a top-level domain): NOERROR and
 * nothing. The known name shows at the same time that it works.
 */
export function isDenied({ rcode = '', name = '', records }: DnsAnswer): boolean {
  return rcode === 'NXDOMAIN' || (!name.endsWith('.cluster.local.') && (['SERVFAIL', 'REFUSED'].includes(rcode) || (rcode === 'NOERROR' && records.length === 0)))
}
