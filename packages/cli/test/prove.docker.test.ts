import { labResult } from '@hoplab/model'
import { afterAll, expect, test } from 'vitest'
import { leftovers } from './leftovers.ts'
import { typed } from './typed-command.ts'

const lab = 't-prove'
afterAll(async () => { await typed(['clean', '--all', '--lab', lab]) })

test('the first lab is what it declares: untouched 0, solutions full, near-misses caught, faults exact', async () => {
  const { exitCode, stdout, stderr } = await typed(['prove', 'first-packet', '--lab', lab, '--json'], { withinMs: 590_000 })
  const said = labResult.safeParse(JSON.parse(stdout))
  expect(said.success, stdout + stderr).toBe(true)
  const { phases = [] } = said.data ?? {}
  expect(phases.filter((phase) => !phase.asDeclared).map((phase) => `${phase.name}: ${phase.deviation}`)).toEqual([])
  expect(exitCode, stderr).toBe(0)
  const names = phases.map((phase) => phase.name)
  expect(names.slice(0, 3)).toEqual(['untouched', 'solution:1', 'solution:2'])
  for (const sort of ['near-miss:', 'fault:']) expect(names.filter((name) => name.startsWith(sort)).length).toBeGreaterThanOrEqual(3)
  expect(await leftovers(lab)).toEqual([])
})
