import { labResult } from '@hoplab/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leftovers, volumes } from './leftovers.ts'
import { atStartOf, typed } from './typed-command.ts'

const lab = 't-cli'
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

  // Early, in the middle of set-up, and while the lab is being solved.
  for (const phase of ['nodes', 'lab', 'solution']) {
    test(`Ctrl-C in phase "${phase}" exits 130 and leaves nothing`, async () => {
      const { exitCode, stdout, sawMoment, durationMs } = await typed(['run', 'first-packet', '--lab', lab, '--json'], {
        moment: { when: atStartOf(phase), then: async (pid) => { await pause(phase === 'nodes' ? 4_000 : 300); process.kill(pid, 'SIGINT') } } })
      expect(sawMoment).toBe(true)
      expect(exitCode, stdout).toBe(130)
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'HOP_INTERRUPTED', exitCode: 130 } })
      expect(await leftovers(lab)).toEqual([])
      expect(durationMs).toBeLessThan(300_000)
    })
  }

  for (const phase of ['nodes', 'lab', 'solution']) {
    test(`kill -9 in phase "${phase}", then clean, leaves nothing`, async () => {
      const killed = await typed(['run', 'first-packet', '--lab', lab], {
        moment: { when: atStartOf(phase), then: async (pid) => { await pause(phase === 'nodes' ? 4_000 : 300); process.kill(pid, 'SIGKILL') } } })
      expect(killed.sawMoment).toBe(true)
      expect((await leftovers(lab)).length).toBeGreaterThan(0)
      const cleaned = await typed(['clean', '--lab', lab, '--json'])
      expect(cleaned.exitCode, cleaned.stderr).toBe(0)
      expect(await leftovers(lab)).toEqual([])
      expect((await volumes()).filter((volume) => !before.includes(volume))).toEqual([])
    })
  }
})

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })
