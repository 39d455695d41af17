import { describe, expect, test } from 'vitest'
import { Broken, checkFields, defineCheckKind, destinationOf, exchange, exchangeEvidence, type Look, NotMet, originsOf, probed, requireAnswered, type Round, z } from '../kind.ts'
import { client, type FakeLab, hello } from '../testing/index.ts'
import { checkKindContract, type KindContract } from './index.ts'

const spec = z.strictObject({ kind: z.literal('acme-answers'), ...checkFields, ...probed })
type Spec = z.output<typeof spec>
type Looks = (check: Spec, round: Round) => Promise<Look>

const right: Looks = async (check, round) => {
  const [origin] = originsOf(round, check.from)
  if (!origin) throw new NotMet('There is nowhere to ask from.')
  const done = await exchange(round, origin, await destinationOf(round, check.to), 5)
  requireAnswered(done)
  return { state: 'green', nodes: [origin.node], evidence: exchangeEvidence(done), why: `All ${done.answers.length} were answered.` }
}
const green: Look = { state: 'green', nodes: [], evidence: [{ witness: 'me', observed: 'all is well', expected: 'all is well' }], why: 'All is well.' }

function contractOf(look: Looks, over: Partial<KindContract> = {}): KindContract {
  return {
    kind: defineCheckKind({ spec, look }), healthy: () => ({ kind: 'acme-answers', from: client, to: hello }),
    faults: { 'no endpoint': (lab: FakeLab) => lab.service('hello', '10.96.1.1', { app: 'helo' }) }, ...over,
  }
}

/** Names of the promises that are broken, of those whose name is like `which`. */
async function brokenPromises(contract: KindContract, which: RegExp): Promise<string[]> {
  const tests: { name: string; body: () => void | Promise<void> }[] = []
  checkKindContract(contract, { describe: (_name, body) => body(), test: (name, body) => { if (which.test(name)) tests.push({ name, body }) } })
  const broken: string[] = []
  for (const { name, body } of tests) await Promise.resolve().then(body).catch(() => broken.push(name))
  return broken
}

checkKindContract(contractOf(right), { describe, test })

describe('the contract catches a kind that', () => {
  let counted = 0
  test.each<[string, Looks, Partial<KindContract>, RegExp]>([
    ['is always green', () => Promise.resolve(green), { programs: false }, /^fails on no endpoint/u],
    ['is always red', () => Promise.reject(new NotMet('No.')), {}, /^passes in a healthy lab/u],
    ['is green over nothing', async (check, round) => (round.snapshot.pods.some(({ metadata }) => metadata.namespace === 'lab') ? right(check, round) : green), {}, /^fails where there is nothing/u],
    ['takes any error for a red', (check, round) => right(check, round).catch(() => { throw new NotMet('No answer.') }), {}, /^is inconclusive when output is cut in half/u],
    ['takes our own failure for a green', (check, round) => right(check, round).catch((thrown: unknown) => { if (thrown instanceof Broken) return green; throw thrown }), {}, /^is inconclusive when the toolboxes are gone/u],
    ['gives no evidence', async (check, round) => ({ ...await right(check, round), evidence: [] }), {}, /^passes in a healthy lab/u],
    ['shows no control', async (check, round) => { const seen = await right(check, round); return { ...seen, evidence: seen.evidence.filter(({ witness }) => witness !== 'control') } }, {}, /^shows a control/u],
    ['does not stop', async (check, round) => { const seen = await right(check, round).catch(() => green); await new Promise((resolve) => { setTimeout(resolve, 6_000) }); return seen }, {}, /^ends promptly/u],
    ['remembers other looks', async (check, round) => { counted += 1; if (counted > 1) throw new NotMet('Again?'); return right(check, round) }, {}, /^is not disturbed/u],
    ['reads the wall clock', (check, round) => (Math.abs(Date.now() - performance.timeOrigin - performance.now()) > 60_000 ? Promise.resolve(green) : right(check, round)), {}, /^says the same when the runner's clock/u],
    ['reads what programs print without looking for its end', async (_check, round) => { if ((await round.batcher.run('a', ['ip', '-j', 'address'])) === 'x') throw new NotMet('x'); return green }, {}, /^is inconclusive when output is cut/u],
    ['is never shown red', right, { faults: {} }, /^names at least one fault/u],
    ['says it runs no programs, and does', right, { programs: false }, /^passes in a healthy lab/u],
  ])('%s', async (_name, look, over, promise) => {
    expect(await brokenPromises(contractOf(look, over), promise)).not.toEqual([])
  })
})
