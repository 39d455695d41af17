import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { exec } from '@hoplab/core/node'
import { expect, test } from 'vitest'
import { packageFolder } from './build/source-files.ts'

const hasGo = await (async () => {
  using deadline = Deadline.start('go', 280_000)
  return exec('go', ['version'], { deadline }).then((result) => result.exitCode === 0, () => false)
})()

test.skipIf(!hasGo)('the tests of our Go programs pass', async () => {
  using deadline = Deadline.start('go test', 280_000)
  const cwd = join(packageFolder, 'programs')
  const vet = await exec('go', ['vet', './...'], { deadline, cwd })
  expect(vet.stderr).toBe('')
  const result = await exec('go', ['test', './...'], { deadline, cwd })
  expect({ exitCode: result.exitCode, failed: result.stdout.match(/^(?:---|FAIL).*$/gmu) ?? [] }).toEqual({ exitCode: 0, failed: [] })
  expect(result.stdout).toMatch(/^ok\s+hoplab\.dev\/programs\/internal\/probe\s/mu)
})
