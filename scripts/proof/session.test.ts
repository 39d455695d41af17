import { Deadline } from '@hoplab/core'
import { openLab } from '@hoplab/engine'
import { FakeProvider, fakeInstaller, fakeVerifier, type Judge, judgeTiny, MemoryStore, tinyLab } from '@hoplab/engine/testing'
import { expect, test } from 'vitest'
import type { Cell } from './plan.ts'
import { Session } from './session.ts'

/** A session on a lab in memory; `judge` stands for its checks, and `looks` counts how often the lab was verified. */
function sessionOf(judge: Judge): { session: Session; looks: () => number; deviations: string[] } {
  let looks = 0
  const deviations: string[] = []
  const counting: Judge = (check, kube, answers) => { if (check.spec.id === 'exists') looks += 1; return judge(check, kube, answers) }
  const run = openLab({ lab: tinyLab, provider: new FakeProvider(), installer: fakeInstaller, verifier: fakeVerifier(counting), images: {}, store: new MemoryStore(), imageSource: 'local', temporary: true, emit: () => {} })
  return { session: new Session(run, async (one, { checks }) => { deviations.push(`${one.case}: ${checks.map(({ id, verdict }) => `${id} ${verdict}`).join(', ')}`) }), looks: () => looks, deviations }
}

/** Only what a session reads of a cell. */
const cell = (name: string): Cell => ({
  lab: 'tiny', provider: 'kind', cni: 'flannel', proxyMode: 'iptables', case: name, repeat: 1, key: 'k', inputs: { lab: 'l', sources: 's', images: 'i' },
  about: { faults: [{ n: 1, expect: { selector: 'fail', exists: 'pass', who: 'skipped' }, in: {}, on: {} }], nearMisses: [] } as never,
})

test('a fault is put only into a lab that was seen whole since it was made or changed', async () => {
  using deadline = Deadline.start('test', 280_000)
  const { session, looks } = sessionOf(judgeTiny)
  expect(await session.prove(cell('fault:1'), deadline)).toMatchObject({ case: 'fault:1', asDeclared: true, verdicts: { fail: ['selector'], pass: ['exists'], skipped: ['who'] } })
  const first = looks()
  expect(await session.prove(cell('fault:1'), deadline)).toMatchObject({ asDeclared: true })
  expect([first, looks() - first]).toEqual([3, 2])
})

test('a solved lab that is not whole proves nothing of a fault', async () => {
  using deadline = Deadline.start('test', 280_000)
  const { session } = sessionOf((check, ...rest) => (check.spec.id === 'who' ? 'fail' : judgeTiny(check, ...rest)))
  await expect(session.prove(cell('fault:1'), deadline)).rejects.toThrow('The solved lab is not whole before the fault: ')
})

test('what could not be looked at makes no row, unless something was red beside it or nothing may be green', async () => {
  using deadline = Deadline.start('test', 280_000)
  const { session } = sessionOf((check, ...rest) => (check.spec.id === 'selector' ? 'inconclusive' : judgeTiny(check, ...rest)))
  await expect(session.prove(cell('solution:1'), deadline)).rejects.toThrow(/^Something could not be looked at: .*selector/u)
  const { session: red } = sessionOf((check, ...rest) => (check.spec.id === 'selector' ? 'inconclusive' : check.spec.id === 'exists' ? 'fail' : judgeTiny(check, ...rest)))
  expect(await red.prove(cell('solution:1'), deadline)).toMatchObject({ asDeclared: false })
  const { session: green } = sessionOf((check) => (check.spec.id === 'selector' ? 'inconclusive' : 'pass'))
  expect(await green.prove(cell('untouched'), deadline)).toMatchObject({ asDeclared: false, deviation: expect.stringContaining('must be 0') })
})

test('what is not as declared is told with every verdict, also where it makes no row', async () => {
  using deadline = Deadline.start('test', 280_000)
  const { session, deviations } = sessionOf((check, ...rest) => (check.spec.id === 'selector' ? 'inconclusive' : judgeTiny(check, ...rest)))
  await expect(session.prove(cell('solution:1'), deadline)).rejects.toThrow('could not be looked at')
  expect(deviations).toEqual(['solution:1: selector inconclusive, exists pass, who pass'])
  const { session: declared, deviations: none } = sessionOf(judgeTiny)
  await declared.prove(cell('solution:1'), deadline)
  expect(none).toEqual([])
})
