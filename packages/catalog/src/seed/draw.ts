import { contentHash } from '@hoplab/core'
import { defaultSeed, type LabFile, rangeNames, seedText } from '@hoplab/model'
import { HOP_SEED_INVALID } from '../errors.ts'

/** Which one of `of` is drawn for `name` in the lab with this id: an index from 0. `turned`: so far round that the default seed draws the first. */
export type Draw = (lab: string, name: string, of: number, turned?: 'turned') => Promise<number>

/**
 * Draws by a seed. What is drawn depends on lab, name and seed alone, so it is the same on every machine and in every command: the first 48 bits of
 * the SHA-256 of their canonical JSON, modulo the number of choices. Another entry in a lab changes no other draw; another choice in a list changes its own.
 * @throws HOP_SEED_INVALID (exit 2)
 */
export function seedDraw(seed: string): Draw {
  if (!seedText.safeParse(seed).success) throw HOP_SEED_INVALID({ seed })
  return async (lab, name, of, turned) => {
    const first = turned ? await drawn(lab, name, of, defaultSeed) : 0
    return (await drawn(lab, name, of, seed) - first + of) % of
  }
}

const drawn = async (lab: string, name: string, of: number, seed: string): Promise<number> => Number.parseInt((await contentHash(['hoplab seed', lab, name, seed])).slice(0, 12), 16) % of

/** Draws the n-th of every list, from 0 and around: {@link seedVariants} of these meet each choice of a lab at least once. */
export const nthDraw = (n: number): Draw => async (_lab, _name, of) => n % of

/** How many readings of a lab with {@link nthDraw} see all that its seed may draw; 1 for a lab without a seed. */
export function seedVariants({ seed }: LabFile): number {
  return Math.max(1, ...[...Object.values(seed?.values ?? {}), ...rangeNames.map((name) => seed?.ranges[name] ?? []), ...Object.values(seed?.faults ?? {}).map((faults) => Object.keys(faults))].map(({ length }) => length))
}
