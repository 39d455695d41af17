import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeEngine } from '../testing/fake-engine.ts'
import { versions } from '../versions.ts'
import { nodeStep } from './node-step.ts'
import { packageFolder } from './source-files.ts'
import type { ImageOutput } from './step.ts'

let scratch: string
let engine: FakeEngine
let deadline: Deadline
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'hoplab-node-'))
  engine = new FakeEngine()
  deadline = Deadline.start('node', 280_000)
})
afterEach(() => {
  deadline[Symbol.dispose]()
  rmSync(scratch, { recursive: true, force: true })
})

const make = (): Promise<void> => (nodeStep('root', ['echo']).output as ImageOutput).make({ ref: 'node:1', labels: { a: 'b' }, scratch }, {
  deadline, engine, versions, onLine: () => {}, folderOf: () => scratch, refOf: (step) => `${step}:1`,
})
const verbs = (): string[] => engine.commands.map((command) => command.split(' ')[0] ?? '')

test('images are unpacked in a container of the root that is removed with its volume, before by whom was killed and after', async () => {
  await make()
  expect(verbs()).toEqual(['save', 'rm', 'create', 'cp', 'start', 'commit', 'rm'])
  expect(engine.commands.filter((command) => command.startsWith('rm '))).toEqual(Array(2).fill(expect.stringMatching(/^rm --force --volumes hoplab-build-node-[0-9a-f]{8}$/u)))
  const [entrypoint] = /^ENTRYPOINT .*$/mu.exec(readFileSync(join(packageFolder, 'dockerfiles/node-root/Dockerfile'), 'utf8')) ?? ['no ENTRYPOINT']
  const commit = engine.commands.find((command) => command.startsWith('commit '))
  // It starts as the root does, although the container that unpacked did not.
  expect(commit).toContain(`--change ${entrypoint} --change CMD [] `)
  expect(commit).toMatch(/--change LABEL a=b hoplab-build-node-\S+ node:1$/u)
})

test('where unpacking fails there is no image, and no container is left', async () => {
  engine.onRun = ([verb]) => { if (verb === 'start') throw new Error('a layer removes a file of the one below') }
  await expect(make()).rejects.toThrow('a layer removes a file')
  expect(verbs()).toEqual(['save', 'rm', 'create', 'cp', 'start', 'rm'])
})
