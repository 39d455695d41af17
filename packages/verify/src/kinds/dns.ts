import { plainLine } from '@hoplab/core'
import type { CheckOf, Evidence } from '@hoplab/model'
import { controlEvidence, type ControlPath, controlPaths } from '../probes/control.ts'
import type { DnsAnswer } from '../probes/request.ts'
import { dnsEndpoints } from '../scene/dns-servers.ts'
import { originsOf } from '../scene/origin.ts'
import { type DnsTalk, dnsWays, knownName, talk } from '../witness/dns-question.ts'
import { isDenied, outcomeOf, saidBy } from '../witness/dns-said.ts'
import { type DnsTruth, dnsTruths } from '../witness/dns-truth.ts'
import { staleMs } from '../witness/explain.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/**
 * `dns`: a name asked from its origin has exactly the records the API says, or is denied while a known one resolves.
 *
 * Asked is the origin's own resolver with its own search list, or the DNS Service, or that and each ready DNS Pod; over UDP, TCP or both.
 * Witnesses: DNS and the API. Controls: a name every cluster knows, a name made up for this look (an address that nobody has, where addresses are
 * asked), and the control Pods on the way. Errors: red as `DNS` where nothing comes.
 * Known false pass: a zone that answers to everything (the made-up name must be denied); one of two DNS Pods that is right (`servers: each`);
 * /etc/hosts (never read); more records than there are (sets are compared whole). Known false fail: an answer from a cache, which is not believed
 * before its time to live is over; a set too large for a datagram under `transport: udp`; A and AAAA from one socket racing in conntrack (each
 * question has its own socket); a CoreDNS that names only endpoints with a hostname, asked for `ptrOf` a Pod without one.
 */
export const dns: CheckKind<'dns'> = {
  async look(spec, round) {
    const origins = originsOf(round, spec.from)
    const truths = dnsTruths(spec, round)
    const ways = dnsWays(spec, round)
    const servers = dnsEndpoints(round).flatMap(({ node }) => node ?? [])
    const [talks, paths] = await Promise.all([
      Promise.all(origins.flatMap((origin) => ways.map((way) => talk(round, { origin, way, truths })))),
      Promise.all([...new Set(origins.map(({ node }) => node))].map((node) => controlPaths(round, node, [node, ...servers]))).then((found) => found.flat()),
    ])
    const evidence = [...talks.flatMap(talkEvidence), ...apiEvidence(truths), ...controlEvidence(paths)]
    requirePaths(paths, evidence)
    for (const one of talks) requireTalk(spec, one, evidence)
    return { state: 'green', nodes: origins.map(({ node }) => node), evidence, why: `${subject(spec, truths)} asked from ${origins.map(({ name }) => name).join(', ')}${inWords(spec)} ${outcome(truths)}.` }
  },
}

type Spec = CheckOf<'dns'>

const subject = ({ expect }: Spec, truths: readonly DnsTruth[]): string =>
  ('nxdomain' in expect && truths.length === 0 ? 'A name that nobody has' : plainLine(truths.map(({ name }) => name).join(', '), 200))

const inWords = ({ transport, servers }: Spec): string =>
  `${servers === undefined ? '' : servers === 'service' ? ' of the DNS Service' : ' of the DNS Service and each DNS Pod'}${transport === undefined ? '' : ` over ${transport === 'both' ? 'UDP and TCP' : transport.toUpperCase()}`}`

const outcome = (truths: readonly DnsTruth[]): string =>
  (truths.every(denied) ? 'is denied, while a known name resolves' : `resolves to ${plainLine(truths.flatMap(recordsOf).join(', '), 300)}, as the API says`)

const denied = ({ wanted, allowed = [] }: DnsTruth): boolean => wanted.length + allowed.length === 0
const recordsOf = ({ wanted, allowed = [] }: DnsTruth): string[] => (wanted.length > 0 ? wanted : allowed)
const askedWhere = ({ origin, way: { server, transport } }: DnsTalk): string => `${origin.name}${server.label}${transport ? ` over ${transport.toUpperCase()}` : ''}`

function requirePaths(paths: readonly ControlPath[], evidence: Evidence[]): void {
  const dead = paths.find(({ alive }) => !alive)
  if (dead) throw new NotMet(`The path from ${dead.from} to ${dead.to}, where DNS answers, is broken.`, evidence, `path ${dead.from} → ${dead.to}`)
}

function requireTalk({ expect }: Spec, one: DnsTalk, evidence: Evidence[]): void {
  const where = askedWhere(one)
  for (const { truth, answer } of one.answers) if (!denied(truth)) requireRecords(truth, answer, where, evidence)
  if ('nxdomain' in expect && one.known.addresses.length === 0) throw new NotMet(`DNS does not work from ${where} at all (${outcomeOf(one.known, 'A')}), so a denied name shows nothing.`, evidence, 'DNS')
  for (const { truth, answer } of one.answers) if (denied(truth)) requireDenied(plainLine(truth.name, 100), answer, where, evidence)
  for (const { answer, type, asked } of one.unknown) {
    const said = saidBy(answer, type)
    if (said.length > 0) throw new NotMet(`DNS asked from ${where} answers to names that nobody has: ${plainLine(asked, 100)} resolves to ${plainLine(said.join(', '), 100)}.`, evidence, 'DNS')
    if (answer.class !== 'OK' && answer.class !== 'DNS') throw new NotMet(`A name that nobody has, asked from ${where}, ended with ${answer.class}, not with a denial.`, evidence, 'DNS')
    if ('nxdomain' in expect) requireDenied('A name that nobody has', answer, where, evidence)
  }
}

function requireDenied(name: string, answer: DnsAnswer, where: string, evidence: Evidence[]): void {
  if (answer.addresses.length > 0) throw new NotMet(`${name} resolves from ${where}, and should not.`, evidence, undefined, staleMs(answer))
  if (!isDenied(answer)) throw new NotMet(`${name} asked from ${where} ended with ${outcomeOf(answer, 'A')}, not with NXDOMAIN.`, evidence)
}

function requireRecords(truth: DnsTruth, answer: DnsAnswer, where: string, evidence: Evidence[]): void {
  const got = saidBy(answer, truth.type)
  const name = plainLine(truth.name, 100)
  if (answer.truncated) throw new NotMet(`The answer to ${name} asked from ${where} is cut: it does not fit, and only ${got.length} of its records came.`, evidence, undefined, staleMs(answer))
  const lacking = truth.wanted.filter((record) => !got.includes(record))
  const strange = got.filter((record) => ![...truth.wanted, ...(truth.allowed ?? [])].includes(record))
  if (got.length > 0 && lacking.length + strange.length === 0) return
  const said = got.length === 0 ? `does not resolve (${outcomeOf(answer, truth.type)})` : `resolves to ${plainLine(got.join(', '), 200)}, not to ${plainLine(recordsOf(truth).join(', '), 300)}`
  throw new NotMet(`${name} asked from ${where} ${said}.`, evidence, got.length === 0 ? 'DNS' : undefined, staleMs(answer))
}

function talkEvidence({ origin, way, answers, known, unknown }: DnsTalk): Evidence[] {
  const how = [way.server.address === undefined ? [] : `@${way.server.address.replace(/:53$/u, '')}`, way.transport === undefined ? [] : way.transport === 'tcp' ? '+tcp' : '+notcp +ignore'].flat().map((word) => ` ${word}`).join('')
  const controls = [{ asked: knownName, answer: known, type: 'A' as const, expected: 'a name every cluster knows resolves' }, ...unknown.map((one) => ({ ...one, expected: 'a name that nobody has is denied' }))]
  return [
    ...answers.map(({ truth, answer }) => ({
      witness: 'dns', command: origin.at(`dig +search${truth.type === 'A' ? '' : ` -t ${truth.type}`}${how} ${plainLine(truth.name, 100)}`), expected: plainLine(recordsOf(truth).join(', ') || 'NXDOMAIN', 300),
      observed: plainLine(`${outcomeOf(answer, truth.type)}${answer.server === undefined ? '' : ` (from ${answer.server}${answer.name === undefined ? '' : `, as ${answer.name}`})`}`, 300),
    })),
    ...controls.map(({ asked, answer, type, expected }) => ({ witness: 'control', command: origin.at(`dig${type === 'A' ? '' : ` -t ${type}`}${how} ${asked}`), observed: outcomeOf(answer, type), expected })),
  ]
}

function apiEvidence(truths: readonly DnsTruth[]): Evidence[] {
  const records = plainLine(truths.flatMap(recordsOf).join(', '), 300)
  return records === '' ? [] : [{ witness: 'api', command: 'hoplab kubectl get services,endpointslices,pods -A -o wide', observed: records, expected: records }]
}
