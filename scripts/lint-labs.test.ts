import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { exec } from '@hoplab/core/node'
import { afterAll, beforeAll, expect, test } from 'vitest'

let labs = ''
beforeAll(async () => {
  labs = join(await mkdtemp(join(tmpdir(), 'hoplab-labs-')), 'labs')
  await cp(join(import.meta.dirname, '../labs'), labs, { recursive: true })
})
afterAll(() => rm(join(labs, '..'), { recursive: true, force: true }))

async function script(name: string, ...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  using deadline = Deadline.start(name, 280_000)
  return exec(process.execPath, [join(import.meta.dirname, name), ...args], { deadline, env: { HOPLAB_LABS: labs, NO_COLOR: '1' } })
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(labs, file), 'utf8')
  expect(text).toContain(from)
  await writeFile(join(labs, file), text.replace(from, to))
}

test('a changed English step is stale with the command that mends it, and that command mends it', async () => {
  await edit('03-inside-a-pod/steps/04-sidecar.en.md', 'So somebody put', 'So a colleague put')
  const red = await script('lint-labs.ts')
  expect(red.exitCode).toBe(1)
  const [line = ''] = red.stderr.split('\n')
  expect(line).toMatch(/04-sidecar\.hi-Latn\.md:1:1 .*"sidecar" has changed.* type: pnpm translated inside-a-pod sidecar \[HOP_TEXT_STALE\]$/u)
  const before = await readFile(join(labs, '03-inside-a-pod/steps/04-sidecar.hi-Latn.md'), 'utf8')
  expect((await script('translated.ts', 'inside-a-pod', 'sidecar')).exitCode).toBe(0)
  const after = await readFile(join(labs, '03-inside-a-pod/steps/04-sidecar.hi-Latn.md'), 'utf8')
  expect(after.split('\n').slice(1)).toEqual(before.split('\n').slice(1))
  expect(await script('lint-labs.ts')).toMatchObject({ exitCode: 0 })
})

test('every problem of texts and claims is one line; a lab that cannot be read is one line instead of those of the claims', async () => {
  await edit('claims.yaml', 'check: still-local', 'check: still-locla')
  await edit('05-pod-to-service/steps/04-names.hi-Latn.md', 'jaayega', 'jayega')
  const red = await script('lint-labs.ts')
  expect(red.exitCode).toBe(1)
  expect(red.stderr.trim().split('\n')).toEqual([
    expect.stringMatching(/04-names\.hi-Latn\.md:17:\d+ "jayega".*\[HOP_TEXT_WORD\]$/u), expect.stringMatching(/claims\.yaml:\d+:\d+ .*"still-locla".*\[HOP_LAB_REFERENCE_UNKNOWN\]$/u),
    expect.stringMatching(/^labs: \d+ labs, 59 claims, 2 problems$/u),
  ])
  await edit('00-first-packet/lab.yaml', 'minutes: 15', 'minuts: 15')
  expect((await script('lint-labs.ts')).stderr.trim().split('\n')).toEqual([
    expect.stringMatching(/00-first-packet\/lab\.yaml:\d+:\d+ .*\[HOP_LAB_KEY_UNKNOWN\]$/u), expect.stringMatching(/HOP_TEXT_WORD/u), expect.stringMatching(/^labs: \d+ labs, no claims, 2 problems$/u),
  ])
})

test('translated refuses what is not there', async () => {
  expect(await script('translated.ts')).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('pnpm translated LAB') })
  expect(await script('translated.ts', 'inside-a-pdo')).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('Did you mean "inside-a-pod"?') })
  expect(await script('translated.ts', 'inside-a-pod', 'sidecra')).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('sidecar') })
})
