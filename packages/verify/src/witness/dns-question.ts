import type { CheckOf } from '@hoplab/model'
import { NotMet } from '../kinds/look.ts'
import { askName } from '../probes/ask-name.ts'
import type { DnsAnswer, DnsType } from '../probes/request.ts'
import type { Round } from '../round.ts'
import { freshName, reverseName } from '../scene/dns-names.ts'
import { type NameServer, nameServersOf } from '../scene/dns-servers.ts'
import type { Origin } from '../scene/origin.ts'
import type { DnsTruth } from './dns-truth.ts'
import { connectMs } from './exchange.ts'

/** A name every cluster's DNS knows: shows that DNS itself answers when another name must not exist. */
export const knownName = 'kubernetes.default.svc.cluster.local.'

/** One server over one transport. */
export interface DnsWay { server: NameServer; transport: 'udp' | 'tcp' | undefined }

/** What one server said from one place over one transport, at the same moment. */
export interface DnsTalk {
  origin: Origin
  way: DnsWay
  answers: { truth: DnsTruth; answer: DnsAnswer }[]
  known: DnsAnswer
  /** Names that nobody has, one per sort of question: a zone that answers to everything answers to them too. */
  unknown: { type: DnsType; asked: string; answer: DnsAnswer }[]
}

/** Every way in which a check wants its names asked. Throws `NotMet` when a server to ask is missing. */
export function dnsWays({ transport, servers }: CheckOf<'dns'>, round: Round): DnsWay[] {
  const transports = transport === 'both' ? (['udp', 'tcp'] as const) : [transport]
  return nameServersOf(round, servers).flatMap((server) => transports.map((one) => ({ server, transport: one })))
}

/** Asks all names at once from one place in one way. */
export async function talk(round: Round, { origin, way, truths }: { origin: Origin; way: DnsWay; truths: readonly DnsTruth[] }): Promise<DnsTalk> {
  const ask = async (name: string, type: DnsType): Promise<DnsAnswer> => {
    const server = way.server.address === undefined ? {} : { server: way.server.address }
    const dns = await askName(round, origin.node, { kind: 'dns', from: origin.from, name, type, ...server, ...(way.transport ? { transport: way.transport } : {}), timeoutMs: connectMs })
    if (!dns) throw new NotMet(`DNS could not be asked from ${origin.name}.`)
    return dns
  }
  const [answers, known, unknown] = await Promise.all([
    Promise.all(truths.map(async (truth) => ({ truth, answer: await ask(truth.name, truth.type) }))),
    ask(knownName, 'A'),
    Promise.all(unknownNames(round, truths).map(async ({ name, type }) => { const asked = await name; return { type, asked, answer: await ask(asked, type) } })),
  ])
  return { origin, way, answers, known, unknown }
}

/** One name that nobody has per type of record asked for; beside addresses an address that nobody has. */
function unknownNames(round: Round, truths: readonly DnsTruth[]): { name: Promise<string>; type: DnsType }[] {
  const sorts = new Map(truths.map(({ type, unused }) => [type, unused]))
  if (sorts.size === 0) sorts.set('A', undefined)
  return [...sorts].map(([type, unused]) => ({ type, name: unused === undefined ? Promise.resolve(freshName(round.defaultNamespace)) : round.nobodies.at(unused).then(reverseName) }))
}
