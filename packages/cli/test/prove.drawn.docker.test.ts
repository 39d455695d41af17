import { join } from 'node:path'
import { listLabs } from '@hoplab/catalog/fs'
import { type UplinkWatch, watchUplink } from '@hoplab/cluster/testing'
import { Deadline } from '@hoplab/core'
import { useOwnEngine } from '@hoplab/images'
import { labResult } from '@hoplab/model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commitLot } from './commit-lot.ts'
import { leftovers } from './leftovers.ts'
import { typed } from './typed-command.ts'

const lab = 't-prove'
const root = join(import.meta.dirname, '../../..')
/** Only ends what hangs: the longest lab takes 812 s alone, and three times that on a starved machine. */
const boundMs = 2_700_000

let uplink: UplinkWatch
let deadline: Deadline
beforeAll(async () => {
  useOwnEngine()
  deadline = Deadline.start('a lab in full', boundMs + 100_000)
  uplink = await watchUplink(lab, deadline)
})
afterAll(async () => {
  await uplink?.stop()
  await typed(['clean', '--all', '--lab', lab])
  deadline[Symbol.dispose]()
})

/** The lab that is proven for this commit, so that over many commits each comes round; `HOPLAB_TEST_LAB` names another. Without a repository it is the first. */
async function drawn(): Promise<string> {
  const ids = (await listLabs(join(root, 'labs'))).flatMap((one) => ('file' in one ? [one.file.id] : []))
  return process.env.HOPLAB_TEST_LAB ?? ids[await commitLot(deadline) % ids.length] ?? ''
}

test('a lab is what it declares: untouched 0, solutions full, near-misses caught, faults exact; and no packet of it leaves the machine', async () => {
  const id = await drawn()
  console.log(`proves ${id}`)
  const { exitCode, stdout, stderr } = await typed(['prove', id, '--lab', lab, '--json'], { withinMs: boundMs })
  const said = labResult.safeParse(JSON.parse(stdout))
  expect(said.success, stdout + stderr).toBe(true)
  const { phases = [] } = said.data ?? {}
  expect(phases.filter((phase) => !phase.asDeclared).map((phase) => `${phase.name}: ${phase.deviation}`)).toEqual([])
  expect(exitCode, stderr).toBe(0)
  const names = phases.map((phase) => phase.name)
  expect(names.slice(0, 3)).toEqual(['untouched', 'solution:1', 'solution:2'])
  for (const sort of ['near-miss:', 'fault:']) expect(names.filter((name) => name.startsWith(sort)).length).toBeGreaterThanOrEqual(3)
  expect(await leftovers(lab)).toEqual([])
  const seen = await uplink.stop()
  expect(seen.everywhere).toBeGreaterThan(50)
  expect(seen.uplink).toEqual([])
}, boundMs + 60_000)
