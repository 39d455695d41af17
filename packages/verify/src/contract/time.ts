import { type Deadline, HOP_INTERRUPTED, HopError } from '@hoplab/core'
import type { FakeLab } from '../testing/index.ts'
import { demand, demandVerdict } from './demand.ts'
import { healthyLab, kindsOf, type KindContract, look } from './subject.ts'
import { shiftedDate } from './shifted-date.ts'
import type { TestApi } from './test-api.ts'

/** Longest an interrupted verification may go on, in real milliseconds; generous, because machines that run tests are busy. */
const promptMs = 5_000

/** It ends when it is told to, and the runner's clock has no say in any verdict. */
export function timePromises(contract: KindContract, { test }: TestApi): void {
  test('ends promptly with the interruption, whatever it was waiting for', async () => {
    const { lab, check } = healthyLab(contract)
    const user = new AbortController()
    const stop = (): void => user.abort(HOP_INTERRUPTED())
    hangLooks(lab, contract.programs ?? true, () => { setTimeout(stop, 50) })
    // A look that asks for nothing is interrupted during its hold.
    setTimeout(stop, 2_000)
    const stopped = lab.verify([{ hold: 60, ...check }], { kinds: kindsOf(contract), forMs: 600_000, signal: user.signal, ...(contract.answers ? { answers: contract.answers } : {}) })
      .then(() => 'a result', (thrown: unknown) => (thrown instanceof HopError ? thrown.code : String(thrown)))
    const late = new Promise<string>((resolve) => { user.signal.addEventListener('abort', () => { setTimeout(() => resolve(`nothing for ${promptMs} ms`), promptMs) }) })
    const ended = await Promise.race([stopped, late])
    demand(ended === 'HOP_INTERRUPTED', 'An interruption must end the verification promptly with HOP_INTERRUPTED', ended)
  })
  for (const minutes of [-10, 10]) {
    test(`says the same when the runner's clock is off by ${minutes} minutes`, async () => {
      using _shift = shiftedDate(minutes * 60_000)
      demandVerdict((await look(contract)).result, 'pass', 'with a wrong clock')
      for (const [name, spoil] of Object.entries(contract.faults).slice(0, 1)) demandVerdict((await look(contract, { spoil })).result, 'fail', `on ${name} with a wrong clock`)
    })
  }
}

/** Lets everything that looks ask for hang until its bound ends; `onAsked` is told when something was asked. The barrier goes on. */
function hangLooks(lab: FakeLab, programs: boolean, onAsked: () => void): void {
  const pending = ({ signal }: Deadline): Promise<never> => new Promise((_, reject) => {
    onAsked()
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason))
  })
  const shell = lab.shell.bind(lab)
  lab.shell = (node) => ({ node, exec: (argv, options) => (argv[3] === 'canary' ? shell(node).exec(argv, options) : pending(options.deadline)) })
  if (!programs) lab.kube.get = (_ref, deadline) => pending(deadline)
}
