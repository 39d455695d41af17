import { basename, join } from 'node:path'
import { nthDraw, readLabFolder, seedVariants } from '@hoplab/catalog'
import { diskFiles, readLab } from '@hoplab/catalog/fs'
import { expect, test } from 'vitest'
import { provenSeeds } from './seeds.ts'

const labs = join(import.meta.dirname, '../../labs')

test.each(['02-network-model', '07-recap'])('the seeds of %s draw all that there is to be drawn, none of them in vain', async (folder) => {
  const seeds = await provenSeeds(join(labs, folder))
  const drawn = await Promise.all(seeds.map(async (seed) => await whatIsDrawn(await readLab(labs, folder, seed))))
  const first = await readLab(labs, folder)
  const all = await Promise.all(Array.from({ length: seedVariants(first.file) }, async (_, n) => await whatIsDrawn(await readLabFolder(diskFiles(labs), basename(folder), nthDraw(n)))))
  expect(seeds[0]).toBe('1')
  expect(seeds.length).toBeGreaterThanOrEqual(3)
  expect(new Set(drawn.flat())).toEqual(new Set(all.flat()))
  for (const nth of drawn.keys()) expect(drawn[nth]?.filter((one) => !drawn.slice(0, nth).flat().includes(one))).not.toEqual([])
})

test('a lab that draws nothing is proven with the default seed', async () => {
  expect(await provenSeeds(join(labs, '00-first-packet'))).toEqual(['1'])
})

/** Address ranges and breakages of a lab as it was drawn. */
async function whatIsDrawn({ file, ranges, planted }: Awaited<ReturnType<typeof readLab>>): Promise<string[]> {
  return [...Object.keys(file.seed?.ranges ?? {}).map((name) => `${name} ${ranges[name as keyof typeof ranges]}`), ...planted.flatMap((verb) => ('fault' in verb ? [verb.fault] : []))]
}
