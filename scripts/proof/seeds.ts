import { basename, dirname } from 'node:path'
import { type Draw, readLabFolder, seedDraw } from '@hoplab/catalog'
import { diskFiles } from '@hoplab/catalog/fs'
import { defaultSeed } from '@hoplab/model'

/** Seeds of which those to be proven are chosen: 2 to so many, besides the default one. */
const lastSeed = 24
/** A lab that draws anything is proven with so many seeds at least. */
const fewest = 3

/**
 * Seeds with which the lab in a folder is proven, the default one first: as few more as together draw every value, address range and breakage that the lab may
 * draw, but three in all at least. Each is the one that draws the most that none before it drew, the lower of equal ones; the default one alone for a lab that
 * draws nothing. What no seed up to the last one draws is left out.
 */
export async function provenSeeds(folder: string): Promise<string[]> {
  const first = await drawnBy(folder, defaultSeed)
  if (first.drawn.size === 0) return [defaultSeed]
  const chosen = [first]
  const others = await Promise.all(Array.from({ length: lastSeed - 1 }, async (_, index) => await drawnBy(folder, String(index + 2))))
  const newIn = (drawn: ReadonlySet<string>): number => drawn.difference(new Set(chosen.flatMap((one) => [...one.drawn]))).size
  while (others.length > 0) {
    const [best] = others.toSorted((a, b) => newIn(b.drawn) - newIn(a.drawn))
    if (!best || (newIn(best.drawn) === 0 && chosen.length >= fewest)) break
    chosen.push(...others.splice(others.indexOf(best), 1))
  }
  return chosen.map(({ seed }) => seed)
}

async function drawnBy(folder: string, seed: string): Promise<{ seed: string; drawn: Set<string> }> {
  const drawn = new Set<string>()
  const drawSeed = seedDraw(seed)
  const draw: Draw = async (lab, name, of, turned) => {
    const nth = await drawSeed(lab, name, of, turned)
    drawn.add(`${name} ${nth}`)
    return nth
  }
  await readLabFolder(diskFiles(dirname(folder)), basename(folder), draw)
  return { seed, drawn }
}
