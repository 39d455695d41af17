import type { Round } from '../round.ts'
import type { DnsAnswer, ProbeRequest } from './request.ts'

type Question = Extract<ProbeRequest, { kind: 'dns' }>

/**
 * How often a question that stayed silent is put again, all at once. A resolver puts it again as well (resolv.conf(5): `attempts`, 2 by default), for
 * nothing repeats a datagram that got lost. All of these must be answered: where one of two DNS Pods is dead, six in a row are with one in 64.
 */
const repetitions = 6

/**
 * What one DNS question from `node` brought; undefined when it could not be put. One lost in a moment is not told: silence is told only when of
 * {@link repetitions} more one stays silent too. A DNS that never answers costs twice the question's time-out.
 */
export async function askName(round: Round, node: string, question: Question): Promise<DnsAnswer | undefined> {
  // Silence here is no finding yet: it only has the question put again.
  const { dns } = await round.batcher.ask(node, question, { silenceIsRight: true })
  if (dns?.class !== 'TIMEOUT') return dns
  const again = await Promise.all(Array.from({ length: repetitions }, () => round.batcher.ask(node, question)))
  return (again.find((one) => !isAnswer(one.dns)) ?? again[0])?.dns
}

const isAnswer = (dns: DnsAnswer | undefined): boolean => dns?.class === 'OK' || dns?.class === 'DNS'
