import { harnessPromises } from './harness.ts'
import { hostilePromises } from './hostile.ts'
import type { KindContract } from './subject.ts'
import type { TestApi } from './test-api.ts'
import { timePromises } from './time.ts'
import { verdictPromises } from './verdicts.ts'

export type { KindContract } from './subject.ts'
export type { TestApi } from './test-api.ts'

/**
 * What every kind of check promises, as tests: green only when all is well, red on each fault and over nothing, inconclusive when our own
 * tools fail, plain text only, an end when told to. Runs in a fake lab, without a cluster.
 * @param runner `{ describe, test }` of vitest, node:test or the like
 * @example checkKindContract({ kind: twice, healthy: () => ({ kind: 'acme-twice', from: client, to: hello }), faults: { 'no endpoint': (lab) => lab.service('hello', '10.96.1.1', { app: 'nobody' }) } }, { describe, test })
 */
export function checkKindContract(contract: KindContract, runner: TestApi): void {
  const name = typeof contract.kind === 'string' ? contract.kind : contract.kind.kind
  runner.describe(`check kind contract: ${name}`, () => {
    runner.test('names at least one fault', () => {
      if (Object.keys(contract.faults).length === 0) throw new Error('A kind that is never shown red proves nothing: name at least one fault.')
    })
    verdictPromises(contract, runner)
    harnessPromises(contract, runner)
    hostilePromises(contract, runner)
    timePromises(contract, runner)
  })
}
