import { Deadline } from '@hoplab/core'
import { describe, expect, test } from 'vitest'
import { openLab } from './lab-run.ts'
import type { OpenLabSpec } from './spec.ts'
import { runStory } from './story.ts'
import { FakeProvider, fakeInstaller, fakeVerifier, judgeTiny, MemoryStore, tinyLab } from './testing/index.ts'

const deadline = (): Deadline => Deadline.start('test', 280_000)
const store = new MemoryStore()
const spec = (changes: Partial<OpenLabSpec> = {}): OpenLabSpec => ({
  lab: tinyLab, provider: new FakeProvider(), installer: fakeInstaller, verifier: fakeVerifier(judgeTiny), images: { 'hoplab/echo': 'hoplab/echo:v1-local' },
  store: new MemoryStore(), imageSource: 'local', ...changes,
})

/** A learner's own way to full points in the tiny lab. */
async function mendByHand(run: ReturnType<typeof openLab>): Promise<void> {
  const { kube } = await run.cluster(deadline())
  await kube.patch({ apiVersion: 'v1', kind: 'Service', name: 'web', namespace: 'tiny' }, 'merge', { spec: { selector: { app: 'web' } } }, deadline())
  await run.learner.answer('tell', { who: 'pod-1' })
}

describe('the cost of hints', () => {
  test.each(['recreate', 'down and up'])('stays through %s', async (way) => {
    const run = openLab(spec())
    await run.up(deadline())
    await run.learner.takeHint('mend')
    await run.learner.takeHint('mend')
    if (way === 'recreate') await run.up(deadline(), { recreate: true })
    else { await run.down(deadline()); await run.up(deadline()) }
    await mendByHand(run)
    expect(await run.check(deadline())).toMatchObject({ verdict: 'pass', points: 4 })
    expect((await run.learner.nextHint('mend')).level).toBe(3)
  })

  test('is forgotten only by starting over, which forgets answers and finished steps too', async () => {
    const run = openLab(spec())
    await run.up(deadline())
    await run.learner.takeHint('mend')
    await run.learner.takeHint('mend')
    await run.up(deadline(), { startOver: true })
    expect((await run.learner.saved()).steps).toEqual({})
    await mendByHand(run)
    expect(await run.check(deadline())).toMatchObject({ points: 5 })
    await run.up(deadline(), { recreate: true })
    expect((await run.learner.saved()).steps).toEqual({})
  })

  test('is charged for a hint that is taken while a check runs', async () => {
    let takeHint = async (): Promise<void> => {}
    const run = openLab(spec({ verifier: fakeVerifier(async (check, kube, answers) => { await takeHint(); return judgeTiny(check, kube, answers) }) }))
    await run.up(deadline())
    await mendByHand(run)
    takeHint = async () => { takeHint = async () => {}; await run.learner.takeHint('mend'); await run.learner.takeHint('mend') }
    expect(await run.check(deadline())).toMatchObject({ verdict: 'pass', points: 4 })
  })

  test('of one lab is not the cost of another under the same name', async () => {
    const one = spec({ name: 'same', store })
    const run = openLab(one)
    await run.up(deadline())
    await run.learner.takeHint('mend')
    await run.down(deadline())
    const other = openLab({ ...one, lab: { ...tinyLab, file: { ...tinyLab.file, id: 'other' } } })
    await other.up(deadline())
    expect((await other.learner.saved()).steps).toEqual({})
  })
})

describe('what the tool solved', () => {
  test('is green and earns nothing, and each check says so', async () => {
    const run = openLab(spec())
    await run.up(deadline())
    await run.solve(deadline())
    const result = await run.check(deadline())
    expect(result).toMatchObject({ verdict: 'pass', points: 0, pointsPossible: 0, maxPoints: 5 })
    const scored = result.checks.filter((check) => check.maxPoints > 0)
    expect(scored.map((check) => [check.points, check.solvedByTool, check.why.includes('hoplab solve')])).toEqual([[0, true, true], [0, true, true]])
    await run.down(deadline())
    await run.up(deadline())
    await mendByHand(run)
    expect((await run.check(deadline())).points).toBe(0)
  })

  test('of one step leaves the answers of others to earn, and what the learner had finished before', async () => {
    const run = openLab(spec())
    await run.up(deadline())
    await run.solve(deadline(), { step: 'mend' })
    await run.learner.answer('tell', { who: 'pod-1' })
    expect((await run.check(deadline())).points).toBe(2)
    const other = openLab(spec())
    await other.up(deadline())
    await mendByHand(other)
    await other.check(deadline(), { step: 'mend' })
    await other.solve(deadline(), { step: 'tell' })
    expect((await other.check(deadline())).points).toBe(3)
  })

  test('does not pay for a step that needed its changes', async () => {
    const run = openLab(spec())
    await run.up(deadline())
    await run.solve(deadline(), { step: 'tell' })
    expect(await run.check(deadline())).toMatchObject({ verdict: 'pass', points: 0 })
  })

  test('keeps full points where the lab is proven, whatever a learner spent under that name', async () => {
    const one = spec({ store })
    const run = openLab({ ...one, name: 'tiny' })
    await run.up(deadline())
    await run.solve(deadline())
    await run.down(deadline())
    const story = openLab({ ...one, name: 'tiny', temporary: true })
    expect(await runStory(story, deadline())).toMatchObject({ points: 5 })
    expect((await store.readSpent()).labs.tiny?.mend?.solved).toBe('all')
  })
})
