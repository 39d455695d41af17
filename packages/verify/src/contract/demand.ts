import type { CheckResult } from '@hoplab/model'

/** Throws, and so fails the test, with what was promised and what came instead. */
export function demand(holds: boolean, promise: string, seen?: unknown): asserts holds {
  if (!holds) throw new Error(seen === undefined ? promise : `${promise}; seen: ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`)
}

/** The verdict is this one, with a sentence that says why, and only a pass earns points. */
export function demandVerdict(result: CheckResult, verdict: CheckResult['verdict'], when: string): void {
  demand(result.verdict === verdict, `The check must ${verbs[verdict]} ${when}`, `${result.verdict}: ${result.why}`)
  demand(result.why.trim() !== '', `The check must say why it ended with ${verdict} ${when}`)
  demand(result.points === (verdict === 'pass' ? result.maxPoints : 0), `A check that ended with ${verdict} has the wrong points ${when}`, result.points)
}

const verbs = { pass: 'pass', fail: 'fail', inconclusive: 'be inconclusive', skipped: 'be skipped', 'not-offered': 'not be offered' } as const
