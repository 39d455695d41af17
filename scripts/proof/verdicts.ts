import type { LoadedLab } from '@hoplab/catalog'
import { type CheckResult, declaredVerdict, type FaultNetwork, type PhaseResult } from '@hoplab/model'
import type { Row } from './row.ts'

/** What a case declares about one check: a verdict, `not pass`, or nothing. */
export type Declared = string | undefined

/** What is declared of each check in a case. */
export function declaredOf(lab: LoadedLab, name: string, network: FaultNetwork): (check: CheckResult) => Declared {
  const [sort, n] = name.split(':')
  if (sort === 'fault') {
    const fault = lab.faults.find((one) => one.n === Number(n))
    return ({ id, verdict }) => (fault && verdict !== 'not-offered' ? declaredVerdict(fault, id, network) : undefined)
  }
  if (sort === 'near-miss') {
    const caughtBy = lab.nearMisses.find((one) => one.n === Number(n))?.caughtBy ?? []
    return ({ id }) => (caughtBy.includes(id) ? 'fail' : undefined)
  }
  if (sort === 'untouched') return ({ maxPoints }) => (maxPoints > 0 ? 'not pass' : undefined)
  return ({ verdict }) => (verdict === 'not-offered' ? undefined : 'pass')
}

/** The part of a row that tells what was seen. `positions` names nodes alike in every cluster: Node name → `worker-1`. */
export function seenOf(lab: LoadedLab, phase: PhaseResult, at: { name: string; network: FaultNetwork }, positions: ReadonlyMap<string, string>): Pick<Row, 'verdicts' | 'wrong' | 'brokenHops' | 'flapped'> {
  const { checks } = phase
  const declared = declaredOf(lab, at.name, at.network)
  const wrong = checks.flatMap((check) => {
    const asked = declared(check)
    const right = asked === undefined || (asked === 'not pass' ? check.verdict !== 'pass' : asked === check.verdict)
    return right ? [] : [{ check: check.id, declared: asked, seen: check.verdict, why: check.why }]
  })
  const hops = checks.flatMap(({ id, firstBrokenHop }) => (firstBrokenHop === undefined ? [] : [[id, withPositions(firstBrokenHop, positions)] as const]))
  const flapped = checks.filter((check) => check.flapped).map(({ id }) => id)
  return {
    verdicts: Object.fromEntries([...Map.groupBy(checks, ({ verdict }) => verdict)].map(([verdict, group]) => [verdict, group.map(({ id }) => id)])),
    ...(wrong.length === 0 ? {} : { wrong }), ...(hops.length === 0 ? {} : { brokenHops: Object.fromEntries(hops) }), ...(flapped.length === 0 ? {} : { flapped }),
  }
}

/** Longest names first: `…-worker2` begins with `…-worker`. */
function withPositions(text: string, positions: ReadonlyMap<string, string>): string {
  return [...positions].toSorted(([a], [b]) => b.length - a.length).reduce((named, [node, position]) => named.replaceAll(node, position), text)
}
