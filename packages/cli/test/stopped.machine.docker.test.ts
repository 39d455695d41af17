import { pause, phasesFor, stopIn } from './stopped.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { danglingVolumes, leftovers, volumesStillThere } from './leftovers.ts'
import { typed } from './typed-command.ts'

const lab = 't-stop'
let before: ReadonlySet<string>
beforeAll(async () => { await typed(['clean', '--lab', lab]); before = await danglingVolumes() })
afterAll(async () => { await typed(['clean', '--all', '--lab', lab]) })

describe('hoplab run that is stopped', () => {
  for (const phase of phasesFor('Ctrl-C')) {
    test(`Ctrl-C in phase "${phase}" exits 130 and leaves nothing`, async () => {
      const { exitCode, stdout, stderr, sawMoment, durationMs } = await typed(['run', 'first-packet', '--lab', lab, '--json'], { moment: stopIn(phase, 'SIGINT') })
      expect(sawMoment, stdout + stderr).toBe(true)
      expect(exitCode, stdout).toBe(130)
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'HOP_INTERRUPTED', exitCode: 130 } })
      expect(await leftovers(lab)).toEqual([])
      expect(durationMs).toBeLessThan(300_000)
    })
  }

  for (const phase of phasesFor('kill -9')) {
    test(`kill -9 in phase "${phase}", then clean, leaves nothing`, async () => {
      const killed = await typed(['run', 'first-packet', '--lab', lab], { moment: stopIn(phase, 'SIGKILL') })
      expect(killed.sawMoment, killed.stdout + killed.stderr).toBe(true)
      // While images are looked at nothing is made yet.
      expect((await leftovers(lab)).length > 0 || phase === 'images').toBe(true)
      const cleaned = await typed(['clean', '--lab', lab, '--json'])
      expect(cleaned.exitCode, cleaned.stderr).toBe(0)
      expect(JSON.parse(cleaned.stdout)).toMatchObject({ kept: [] })
      // An orphan that still worked would make something meanwhile.
      await pause(3_000)
      expect(await leftovers(lab)).toEqual([])
      expect(await volumesStillThere(before)).toEqual([])
    })
  }
})
