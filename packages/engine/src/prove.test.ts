import { Deadline, HOP_INTERRUPTED, HopError } from '@hoplab/core'
import type { LabEvent } from '@hoplab/model'
import { FakeClock } from '@hoplab/core/testing'
import { describe, expect, test } from 'vitest'
import { openLab } from './lab-run.ts'
import { proveLab } from './prove.ts'
import type { OpenLabSpec } from './spec.ts'
import { runStory } from './story.ts'
import { FakeProvider, fakeInstaller, fakeVerifier, type Judge, judgeTiny, MemoryStore, tinyLab } from './testing/index.ts'

const deadline = (): Deadline => Deadline.start('test', 280_000)

function opened(judge: Judge = judgeTiny, changes: Partial<OpenLabSpec> = {}) {
  const provider = new FakeProvider()
  const store = new MemoryStore()
  const events: LabEvent[] = []
  const run = openLab({ lab: tinyLab, provider, installer: fakeInstaller, verifier: fakeVerifier(judge), images: {}, store, imageSource: 'local', emit: (event) => events.push(event), ...changes })
  return { provider, store, run, events }
}

describe('run', () => {
  test('tells the whole story and leaves nothing', async () => {
    const { run, provider, events } = opened()
    const result = await runStory(run, deadline())
    expect(result.phases?.map((phase) => [phase.name, phase.verdict, phase.points, phase.asDeclared])).toEqual([
      ['untouched', 'fail', 0, true], ['solution:1', 'pass', 5, true], ['down', 'pass', 0, true]])
    expect(result).toMatchObject({ verdict: 'pass', points: 5, maxPoints: 5 })
    expect(provider.clusters.size).toBe(0)
    expect(events.filter((event) => event.type === 'phase')).toHaveLength(3)
  })

  test('a check that scores untouched is a deviation', async () => {
    const { run } = opened((check) => (check.spec.id === 'selector' ? 'pass' : 'fail'))
    const [untouched] = (await runStory(run, deadline())).phases ?? []
    expect(untouched).toMatchObject({ asDeclared: false, points: 3 })
    expect(untouched?.deviation).toContain('selector pass')
  })

  test('what down leaves behind is named', async () => {
    const { run, provider } = opened()
    provider.leftovers = [{ name: 'tiny', runId: 'r', state: 'partial', containers: ['hoplab-tiny-worker'], networks: [] }]
    const result = await runStory(run, deadline())
    expect(result.phases?.at(-1)).toMatchObject({ name: 'down', verdict: 'fail', deviation: 'left behind: hoplab-tiny-worker' })
  })

  test('a failure half-way removes the lab and tells the first error', async () => {
    const { run, provider } = opened(() => { throw new HopError({ code: 'HOP_X', exitCode: 3, what: 'x', why: '', fix: '', state: '' }) })
    const error = await runStory(run, deadline()).catch((thrown: unknown) => thrown) as HopError
    expect(error.code).toBe('HOP_X')
    expect(error.facts.evidence).toBe('/evidence/1')
    expect(provider.clusters.size).toBe(0)
  })

  test('an environment that fails at the removal is told with evidence, as anywhere else', async () => {
    const { run, provider } = opened()
    provider.clean = () => Promise.reject(new HopError({ code: 'HOP_X', exitCode: 3, what: 'x', why: '', fix: '', state: '' }))
    const error = await runStory(run, deadline()).catch((thrown: unknown) => thrown) as HopError
    expect(error.facts).toMatchObject({ code: 'HOP_X', evidence: '/evidence/1' })
  })

  test('an interruption of the removal removes the lab all the same', async () => {
    const { run, provider } = opened()
    const clean = provider.clean.bind(provider)
    let removals = 0
    provider.clean = async (options) => { if (++removals === 1) throw HOP_INTERRUPTED(); return clean(options) }
    const error = await runStory(run, deadline()).catch((thrown: unknown) => thrown) as HopError
    expect(error.code).toBe('HOP_INTERRUPTED')
    expect(removals).toBe(2)
    expect(provider.clusters.size).toBe(0)
  })

  test('doubt in any phase keeps evidence and shows its path', async () => {
    let looks = 0
    const { run } = opened((check, kube, answers) => (++looks === 1 ? 'inconclusive' : judgeTiny(check, kube, answers)))
    const result = await runStory(run, deadline())
    expect(result.phases?.[0]).toMatchObject({ name: 'untouched', evidence: '/evidence/1' })
    expect(result.evidence).toBe('/evidence/1')
  })

  test('never takes a lab that somebody works in', async () => {
    const { run, provider } = opened()
    await run.up(deadline())
    const error = await runStory(run, deadline()).catch((thrown: unknown) => thrown) as HopError
    expect(error.code).toBe('HOP_LAB_ALREADY_UP')
    expect(provider.clusters.size).toBe(1)
  })

  test('a refusal to start removes nothing', async () => {
    const { run, provider } = opened()
    provider.onEnsure = () => { throw new HopError({ code: 'HOP_LOCKED', exitCode: 3, what: 'locked', why: '', fix: '', state: '' }) }
    await runStory(run, deadline()).catch(() => undefined)
    expect(provider.calls).toEqual(['ensure tiny'])
  })
})

describe('prove', () => {
  test('a sound lab is as declared in every phase', async () => {
    const { run } = opened()
    const result = await proveLab(run, deadline(), { repeat: 2 })
    const once = ['untouched', 'solution:1', 'solution:2', 'near-miss:1', 'fault:1']
    expect(result.phases?.map((phase) => phase.name)).toEqual([...once, ...once, 'down'])
    expect(result.phases?.filter((phase) => !phase.asDeclared)).toEqual([])
    expect(result).toMatchObject({ verdict: 'pass', points: 5 })
  })

  test('a near-miss that its check does not catch is a deviation', async () => {
    const { run } = opened((check, kube, answers) => (check.spec.id === 'who' ? judgeTiny(check, kube, { who: 'pod-1' }) : judgeTiny(check, kube, answers)))
    const phases = (await proveLab(run, deadline())).phases ?? []
    expect(phases.find((phase) => phase.name === 'near-miss:1')?.deviation).toContain('scores full')
  })

  test('a fault whose verdicts are not the declared ones, or whose undo does not restore, is a deviation', async () => {
    const [fault] = tinyLab.faults
    if (!fault) throw new Error('no fault')
    const lab = { ...tinyLab, faults: [{ ...fault, undo: fault.do as typeof fault.undo, expect: { ...fault.expect, exists: 'fail' as const } }] }
    const { run } = opened(judgeTiny, { lab })
    const phase = (await proveLab(run, Deadline.start('test', 600_000, { clock: new FakeClock() }))).phases?.find((one) => one.name === 'fault:1')
    expect(phase?.deviation).toContain('exists is pass')
    expect(phase?.deviation).toContain('its undo does not restore')
    expect(phase?.deviation).toContain('its undo leaves API: Service tiny/web was')
  })

  test('a verdict that differs between repeats is a deviation even where each is allowed', async () => {
    let looks = 0
    const { run } = opened((check, kube, answers) => {
      if (check.spec.id === 'exists' && ++looks === 1) return 'fail'
      return judgeTiny(check, kube, answers)
    })
    const phases = (await proveLab(run, deadline(), { repeat: 2 })).phases ?? []
    expect(phases.filter((phase) => phase.name === 'untouched').map((phase) => phase.deviation)).toEqual(
      Array(2).fill('verdicts differ between repeats: exists was fail, pass in turn'))
  })

  test('where a reset in place is not enough, the cluster is made anew', async () => {
    const { run, provider } = opened()
    provider.onEnsure = () => undefined
    await run.up(deadline())
    provider.clusters.get('tiny')!.differences = [{ where: 'n-worker', what: 'routes', baseline: 'a', now: 'b' }]
    await run.learner.change((saved) => ({ ...saved, handedOver: false }))
    const result = await proveLab(run, deadline())
    expect(provider.calls.filter((call) => call === 'ensure tiny').length).toBeGreaterThan(2)
    expect(result.phases?.every((phase) => phase.asDeclared)).toBe(true)
  })
})
