import { z } from 'zod'
import { faultVerb } from './fault-verb.ts'
import { rangeNames, seededRanges } from './ranges.ts'
import { slug } from './text.ts'

/** Seed of a lab that nobody gave another: with it every lab is what its files show. */
export const defaultSeed = '1'

/** What may be given as a seed: it stands in results, file names and commands. */
export const seedText = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/u, 'must be 1 to 64 letters, digits, dots, dashes or underscores')

/** Name of something that the seed decides, as in `$seed.shop`: letters only, so that what follows it in a text never belongs to it. */
export const seedName = z.string().regex(/^[a-z]{1,30}$/u, 'must be 1 to 30 lower-case letters')

/** A place in the files of a lab: `$seed.NAME` is filled by what the seed drew, `$network.NAME` by what the lab says of its CNI. */
export const place = /\$(seed|network)\.([A-Za-z]+)/u

/** A value that is put into places. A place that is a whole YAML value becomes it; one inside a text becomes its letters. */
export const seedValue = z.union([z.string().min(1), z.int()])
/** See {@link seedValue}. */
export type SeedValue = z.infer<typeof seedValue>

/** One breakage that a lab may begin with. */
export const seedFault = z.strictObject({
  /** Put in by `up` after the lab's manifests, in this order, and never taken back: to repair it is the learner's work. */
  plant: z.array(faultVerb).min(1),
  /** What `$seed.NAME` stands for where this one is drawn. Every other one of the same draw has the same names. */
  values: z.record(seedName, seedValue).default({}),
})
/** See {@link seedFault}. */
export type SeedFault = z.infer<typeof seedFault>

/** What differs from seed to seed in a lab. Of each entry one is drawn, independently of the others. */
export const seeded = z.strictObject({
  /** Name → what `$seed.NAME` may stand for. */
  values: z.record(seedName, z.array(seedValue).min(2)).default({}),
  /** Address ranges of the lab's cluster. `$seed.pods` and `$seed.services` are those that are drawn; the seed {@link defaultSeed} draws the first of each. */
  ranges: seededRanges.default({}),
  /** Name → breakages by id, of which one is planted. `$seed.NAME` is the id of that one; verbs of cases can be for one id only (`drawn`). */
  faults: z.record(seedName, z.record(slug, seedFault)).default({}),
}).superRefine(({ values, faults }, context) => {
  const named = [
    ...Object.keys(values).map((name) => ['values', name]),
    ...Object.keys(faults).map((name) => ['faults', name]),
    ...Object.entries(faults).flatMap(([name, each]) => Object.entries(each).flatMap(([id, fault]) => Object.keys(fault.values).map((key) => ['faults', name, id, 'values', key]))),
  ]
  for (const path of named.filter((one) => rangeNames.some((name) => name === one.at(-1)))) {
    context.addIssue({ code: 'custom', path, message: `must have another name: $seed.${path.at(-1)} is the range of the cluster` })
  }
})
/** See {@link seeded}. */
export type Seeded = z.infer<typeof seeded>
