import { join } from 'node:path'
import { expect, test } from 'vitest'
import { diskFiles } from '../src/fs/index.ts'
import { lintLab, lintTexts, memoryFiles, newLabFiles, readGlossary, readLab } from '../src/index.ts'

const root = join(import.meta.dirname, '../../../labs')

test.each(['my-lab', 'x', 'a-name-as-long-as-names-may-be'])('a new lab "%s" keeps every rule, texts too, and has nothing left of the name it came from', async (id) => {
  const files = await newLabFiles(diskFiles(root), { folder: `08-${id}`, id })
  const lab = await readLab(memoryFiles(files), id)
  expect([...lintLab(lab), ...lintTexts(lab, await readGlossary(diskFiles(root)))].map(({ facts }) => facts)).toEqual([])
  expect(lab.file).toMatchObject({ id, title: { en: id, 'hi-Latn': id }, namespaces: [id] })
  expect([lab.solutions.length, lab.nearMisses.length, lab.faults.length]).toEqual([2, 3, 4])
  expect(Object.entries(files).filter(([path, text]) => `${path} ${text}`.includes('first-packet'))).toEqual([])
})
