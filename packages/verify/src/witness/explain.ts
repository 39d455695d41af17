import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import { NotMet } from '../kinds/look.ts'
import { describeTracked } from '../probes/conntrack.ts'
import { controlEvidence } from '../probes/control.ts'
import { podName } from '../scene/pods.ts'
import type { Answer } from './answer.ts'
import { type Exchange, tally } from './exchange.ts'

/** Throws `NotMet` when not every connection was answered by a server that can be believed, saying why as near to the cause as is known. */
export function requireAnswered(done: Exchange): void {
  const evidence = exchangeEvidence(done)
  const { origin, destination, dns, answers, paths } = done
  const dead = paths.find(({ alive }) => !alive)
  if (dead) throw new NotMet(`The path from ${dead.from} to ${dead.to} is broken: not even the control Pods reach each other there (${dead.class}).`, evidence, `path ${dead.from} → ${dead.to}`)
  if (dns && dns.addresses.length === 0) throw unresolved(done, dns, evidence)
  const stale = dns && !dns.addresses.every((address) => destination.addresses.includes(address)) ? staleMs(dns) : undefined
  const failed = answers.filter(({ connection }) => connection.class !== 'OK')
  if (failed.length > 0 || answers.length === 0) throw new NotMet(`${refusalOf(done, failed)}${causeOf(done)}`, evidence, destination.service && destination.endpoints.every(({ port }) => port === undefined) ? destination.label : undefined, stale)
  requireRecords(done, evidence)
  const doubted = answers.find(({ doubt }) => doubt !== undefined)
  if (doubted) throw new NotMet(`${destination.label} answered ${origin.name}, but ${doubted.doubt}.`, evidence, undefined, recordMs)
}

/** Why a name brought no address. A question that stayed without an answer was lost where not even control Pods reach the node that answers DNS. */
function unresolved({ origin, dnsPaths }: Exchange, dns: NonNullable<Exchange['dns']>, evidence: Evidence[]): NotMet {
  const what = `From ${origin.name} the name ${dns.asked} does not resolve`
  const answered = dns.class === 'OK' || dns.class === 'DNS'
  const dead = answered ? undefined : dnsPaths.find(({ alive }) => !alive)
  if (!dead) return new NotMet(`${what}: ${dnsOutcome(dns)}.`, evidence, 'DNS', staleMs(dns))
  return new NotMet(`${what}: the path from ${dead.from} to ${dead.to}, where DNS answers, is broken.`, [...evidence, ...controlEvidence(dnsPaths)], `path ${dead.from} → ${dead.to}`)
}

/**
 * Share of connections that may lack a record because a later one had the same ends. An honest client whose checks run side by side to one address
 * reached 48 of 500 on a busy two-core machine (measured here); one with a port range made small to forge comes near to all.
 */
const overwrittenShare = 0.25

/** How many of so many may: chance adds to a share of few (6 of 20 were seen here), by three standard deviations, but never more than half. Two of a few are no pattern. */
function mayBeOverwritten(count: number): number {
  const share = count * overwrittenShare
  return Math.max(2, Math.min(count / 2, share + 3 * Math.sqrt(share * (1 - overwrittenShare))))
}

/** Where a client is so short of source ports that records are overwritten, only the servers' own words would be left. */
function requireRecords({ origin, destination, answers }: Exchange, evidence: Evidence[]): void {
  const overwritten = answers.filter((answer) => answer.overwritten).length
  const tracked = answers.some((answer) => answer.tracked)
  const most = Math.floor(mayBeOverwritten(answers.length))
  if (overwritten === 0 || (tracked && overwritten <= most)) return
  throw new NotMet(`${origin.name} used the same source ports again for ${overwritten} of ${answers.length} connections to ${destination.label}, so the kernel's records do not show who answered: its port range (net.ipv4.ip_local_port_range) is too small.`,
    [{ witness: 'conntrack', command: origin.at('sysctl net.ipv4.ip_local_port_range'), observed: `${overwritten} of ${answers.length} records overwritten`, expected: `at most ${most}, and one that is not` }, ...evidence], undefined, recordMs)
}

/** Somebody else's connection may have taken over a kernel's record since; what is wrong for good still is after this many milliseconds. */
const recordMs = 300

const ends = { REFUSED: 'were refused', TIMEOUT: 'got no answer in time', UNREACHABLE: 'found no way there', RESET: 'were cut off', TOOBIG: 'did not fit', DNS: 'found no address', OK: 'were answered', ERROR: 'could not be tried' } as const

function refusalOf({ origin, destination, answers }: Exchange, failed: readonly Answer[]): string {
  const [first] = failed
  if (!first) return `${destination.label} has no address to ask`
  const alike = failed.every(({ connection }) => connection.class === first.connection.class)
  return `${failed.length} of ${answers.length} connections from ${origin.name} to ${destination.label} ${alike ? ends[first.connection.class] : `were not answered (${tally(failed)})`}`
}

function causeOf({ destination }: Exchange): string {
  if (!destination.service) return '.'
  const selector = Object.entries(destination.service.spec?.selector ?? {}).map(([key, value]) => `${key}=${value}`).join(',')
  if (destination.endpoints.length > 0) return ` (its endpoints: ${plainLine(destination.endpoints.map(({ ip, port }) => `${ip}:${port ?? '?'}`).join(', '), 120)}).`
  return selector ? `: the Service has no ready endpoint for its selector ${plainLine(selector, 120)}.` : ': the Service has no ready endpoint.'
}

/** How long CoreDNS' cache keeps records and denials at most, in milliseconds: `cache 30` in kubeadm's Corefile (that of 1.34 leaves out the cluster's own domain; a learner's may not). */
const longestCached = 30_000

/** How long a DNS answer that contradicts the API may merely be a cached one. A question that got no answer was not cached. */
export function staleMs(dns: { class: string; ttl?: number }): number | undefined {
  if (dns.class !== 'OK' && dns.class !== 'DNS') return undefined
  return (dns.ttl === undefined ? longestCached : Math.min(dns.ttl * 1_000, longestCached)) + 1_000
}

/** Outcome of a DNS question in words. */
export function dnsOutcome(dns: { class: string; rcode?: string; addresses: readonly string[] }): string {
  return dns.class === 'OK' || dns.class === 'DNS' ? plainLine(`${dns.rcode ?? dns.class}${dns.addresses.length > 0 ? ` ${dns.addresses.join(', ')}` : ''}`, 200) : dns.class
}

/** What every witness of an exchange saw. */
export function exchangeEvidence(done: Exchange): Evidence[] {
  const { origin, destination, dns, answers, paths } = done
  const host = dns?.asked ?? answers[0]?.dialled ?? destination.label
  const evidence: Evidence[] = [{ witness: 'client', command: origin.at(`curl -s -m 2 http://${host.includes(':') ? host : `${host}:${destination.port}`}/`), observed: tally(answers), expected: `${Math.max(1, answers.length)} OK` }]
  if (dns) evidence.push({ witness: 'dns', command: origin.at(`dig +short +search ${dns.asked}`), observed: dnsOutcome(dns), expected: destination.addresses.join(', ') || 'an address' })
  const servers = [...new Set(answers.flatMap(({ pod, backend }) => (pod ? [podName(pod)] : backend ? [backend] : [])))].sort()
  const tracked = answers.find((answer) => answer.tracked)?.tracked
  if (servers.length > 0) evidence.push({ witness: 'server', observed: `answered by ${plainLine(servers.join(', '), 300)}`, expected: destination.label })
  if (tracked) evidence.push({ witness: 'conntrack', command: conntrackCommand(destination.entry ?? origin.node, tracked.original.src), observed: describeTracked(tracked), expected: `an entry from ${tracked.original.src} to ${destination.label}` })
  else if (answers.some(({ connection }) => connection.class === 'OK')) evidence.push({ witness: 'conntrack', command: `hoplab shell toolbox/${origin.node}, then: conntrack -L -p tcp`, observed: 'nothing tracks this connection on this node', expected: 'an entry, where the node tracks' })
  return [...evidence, ...controlEvidence(paths)]
}

/** How a learner reads one client's entries on a node. */
export const conntrackCommand = (node: string, client: string): string => `hoplab shell toolbox/${node}, then: conntrack -L -p tcp -s ${client}`
