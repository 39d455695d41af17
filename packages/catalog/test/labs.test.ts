import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { diskFiles, listLabs, readLab } from '../src/fs/index.ts'
import { lintClaimTexts, lintGlossary, lintLab, lintTexts, readClaimsFile, readGlossary, schemaFiles } from '../src/index.ts'

const root = join(import.meta.dirname, '../../../labs')
const labs = await listLabs(root)
const glossary = await readGlossary(diskFiles(root))

test('there are labs, and all can be listed', () => {
  expect(labs.length).toBeGreaterThan(0)
  expect(labs.filter((lab) => 'problem' in lab)).toEqual([])
})

describe.each(labs)('$folder', ({ folder }) => {
  test('keeps every rule', async () => {
    expect(lintLab(await readLab(root, folder))).toEqual([])
  })

  test('says the same in Hinglish, in the words of the glossary', async () => {
    expect(lintTexts(await readLab(root, folder), glossary)).toEqual([])
  })

  test('is worth 10 points, and hints never cost more than their step', async () => {
    const { file } = await readLab(root, folder)
    const points = file.steps.map((step) => step.checks.reduce((sum, check) => sum + check.points, 0))
    expect(points.reduce((sum, one) => sum + one, 0)).toBe(10)
    for (const [index, step] of file.steps.entries()) expect(step.hints.reduce((sum, hint) => sum + hint.cost, 0)).toBeLessThanOrEqual(points[index] ?? 0)
  })

  test('both languages run the same commands', async () => {
    const { texts } = await readLab(root, folder)
    for (const text of Object.values(texts)) {
      expect(commands(text.en).length).toBeGreaterThan(0)
      expect(commands(text['hi-Latn'])).toEqual(commands(text.en))
    }
  })
})

test('the glossary contradicts itself nowhere, and the texts beside the claims follow it', async () => {
  expect(lintGlossary(glossary)).toEqual([])
  expect(lintClaimTexts(await readClaimsFile(diskFiles(root)), glossary)).toEqual([])
})

test('labs/schema is what the model says (else run "pnpm gen")', async () => {
  const folder = join(root, 'schema')
  const there = Object.fromEntries(await Promise.all((await readdir(folder)).toSorted().map(async (name) => [name, await readFile(join(folder, name), 'utf8')])))
  expect(there).toEqual(schemaFiles())
})

function commands(markdown: string): string[] {
  return [...markdown.matchAll(/```sh\n(.*?)```/gsu)].map(([, block = '']) => block)
}
