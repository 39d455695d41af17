import { join } from 'node:path'
import { seedDraw } from '@hoplab/catalog'
import { listLabs } from '@hoplab/catalog/fs'
import { type LabFile, rangeNames } from '@hoplab/model'
import { expect, test } from 'vitest'
import { provenSeeds } from './seeds.ts'

const labs = join(import.meta.dirname, '../../labs')
const files = (await listLabs(labs)).flatMap((one) => ('file' in one ? [{ folder: join(labs, one.folder), file: one.file }] : []))
const drawing = files.filter(({ file }) => file.seed)

/** Everything that a lab draws, with the number of choices. */
function drawsOf({ seed }: LabFile): { name: string; of: number; turned?: 'turned' }[] {
  const ranges = rangeNames.map((name) => ({ name, of: seed?.ranges[name]?.length ?? 0, turned: 'turned' as const })).filter(({ of }) => of > 0)
  return [...Object.entries(seed?.values ?? {}).map(([name, { length }]) => ({ name, of: length })), ...ranges, ...Object.entries(seed?.faults ?? {}).map(([name, faults]) => ({ name, of: Object.keys(faults).length }))]
}

test.each(drawing)('the seeds of $file.id draw every value, range and breakage that there is, and each seed something that none before it drew', async ({ folder, file }) => {
  const seeds = await provenSeeds(folder)
  const drawn = await Promise.all(seeds.map((seed) => Promise.all(drawsOf(file).map(async ({ name, of, turned }) => `${name} ${await seedDraw(seed)(file.id, name, of, turned)}`))))
  expect(seeds[0]).toBe('1')
  expect(seeds.length).toBeGreaterThanOrEqual(3)
  expect(new Set(drawn.flat())).toEqual(new Set(drawsOf(file).flatMap(({ name, of }) => Array.from({ length: of }, (_, nth) => `${name} ${nth}`))))
  const news = drawn.map((mine, nth) => mine.filter((one) => !drawn.slice(0, nth).flat().includes(one)).length)
  expect(Math.min(...news)).toBeGreaterThan(0)
})

test('labs that draw nothing are proven with the default seed', async () => {
  expect(drawing.map(({ file }) => file.id)).toEqual(['network-model', 'recap'])
  expect(await Promise.all(files.filter(({ file }) => !file.seed).map(({ folder }) => provenSeeds(folder)))).toEqual(Array.from({ length: files.length - 2 }, () => ['1']))
})
