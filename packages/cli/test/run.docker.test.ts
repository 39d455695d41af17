import { labResult } from '@hoplab/model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { danglingVolumes, leftovers, volumesStillThere } from './leftovers.ts'
import { typed } from './typed-command.ts'

const lab = 't-cli'
let before: ReadonlySet<string>
beforeAll(async () => { await typed(['clean', '--lab', lab]); before = await danglingVolumes() })
afterAll(async () => { await typed(['clean', '--all', '--lab', lab]) })

test('hoplab run tells the whole story as JSON, exits 0 and leaves nothing', async () => {
  const { exitCode, stdout, stderr } = await typed(['run', 'first-packet', '--lab', lab, '--json'])
  expect(exitCode, stderr).toBe(0)
  const result = labResult.parse(JSON.parse(stdout))
  expect(result).toMatchObject({ lab: 'first-packet', provider: 'kind', cni: 'flannel', verdict: 'pass', points: 10, maxPoints: 10 })
  expect(result.cluster.nodes.map((node) => node.role)).toEqual(['control-plane', 'worker', 'worker'])
  expect(result.phases?.map((phase) => [phase.name, phase.verdict, phase.points, phase.asDeclared])).toEqual([
    ['untouched', 'fail', 0, true], ['solution:1', 'pass', 10, true], ['down', 'pass', 0, true]])
  expect(result.checks.every((check) => check.evidence.length > 0)).toBe(true)
  expect(await leftovers(lab)).toEqual([])
  expect(await volumesStillThere(before)).toEqual([])
})
