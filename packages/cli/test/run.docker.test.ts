import { labResult } from '@hoplab/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leftovers, volumes } from './leftovers.ts'
import { atEndOf, atStartOf, type Moment, typed } from './typed-command.ts'

const lab = 't-cli'
// By default early, in the middle of set-up, and while the lab is being solved; HOPLAB_TEST_PHASES=all takes every phase of a run (about 15 minutes).
const phases = process.env.HOPLAB_TEST_PHASES === 'all'
  ? ['images', 'network', 'nodes', 'gateway', 'toolboxes', 'unpack', 'cni', 'ready', 'lab', 'baseline', 'untouched', 'solution', 'down']
  : ['nodes', 'lab', 'solution']
let before: string[] = []
beforeAll(async () => { await typed(['clean', '--lab', lab]); before = await volumes() })
afterAll(async () => { await typed(['clean', '--all', '--lab', lab]) })

describe('hoplab run', () => {
  test('tells the whole story as JSON, exits 0 and leaves nothing', async () => {
    const { exitCode, stdout, stderr } = await typed(['run', 'first-packet', '--lab', lab, '--json'])
    expect(exitCode, stderr).toBe(0)
    const result = labResult.parse(JSON.parse(stdout))
    expect(result).toMatchObject({ lab: 'first-packet', provider: 'kind', cni: 'flannel', verdict: 'pass', points: 10, maxPoints: 10 })
    expect(result.cluster.nodes.map((node) => node.role)).toEqual(['control-plane', 'worker', 'worker'])
    expect(result.phases?.map((phase) => [phase.name, phase.verdict, phase.points, phase.asDeclared])).toEqual([
      ['untouched', 'fail', 0, true], ['solution:1', 'pass', 10, true], ['down', 'pass', 0, true]])
    expect(result.checks.every((check) => check.evidence.length > 0)).toBe(true)
    expect(await leftovers(lab)).toEqual([])
    expect((await volumes()).filter((volume) => !before.includes(volume))).toEqual([])
  })

  for (const phase of phases) {
    test(`Ctrl-C in phase "${phase}" exits 130 and leaves nothing`, async () => {
      const { exitCode, stdout, sawMoment, durationMs } = await typed(['run', 'first-packet', '--lab', lab, '--json'], {
        moment: momentOf(phase, 'SIGINT') })
      expect(sawMoment).toBe(true)
      expect(exitCode, stdout).toBe(130)
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'HOP_INTERRUPTED', exitCode: 130 } })
      expect(await leftovers(lab)).toEqual([])
      expect(durationMs).toBeLessThan(300_000)
    })
  }

  for (const phase of phases) {
    test(`kill -9 in phase "${phase}", then clean, leaves nothing`, async () => {
      const killed = await typed(['run', 'first-packet', '--lab', lab], {
        moment: momentOf(phase, 'SIGKILL') })
      expect(killed.sawMoment).toBe(true)
      // While images are looked at nothing is made yet.
      expect((await leftovers(lab)).length > 0 || phase === 'images').toBe(true)
      const cleaned = await typed(['clean', '--lab', lab, '--json'])
      expect(cleaned.exitCode, cleaned.stderr).toBe(0)
      expect(await leftovers(lab)).toEqual([])
      expect((await volumes()).filter((volume) => !before.includes(volume))).toEqual([])
    })
  }
})

/** The untouched lab is checked right after its baseline; nodes are ended once kind is well on its way. */
const momentOf = (phase: string, signal: NodeJS.Signals): Moment => ({
  when: phase === 'untouched' ? atEndOf('baseline') : atStartOf(phase),
  then: async (pid) => { await pause(phase === 'nodes' ? 4_000 : 300); process.kill(pid, signal) },
})

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })
