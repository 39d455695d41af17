import { z } from 'zod'
import { cniName, providerName, proxyMode, seedText, verdict } from '@hoplab/model'

/** What a row's verdicts depend on, as hashes. */
export const inputs = z.strictObject({
  /** Files of the lab that decide this case. */
  lab: z.string(),
  /** Sources of the packages that make the cluster, carry out verbs and judge. */
  sources: z.string(),
  /** What the images and the cluster's programs are built from, with their versions. */
  images: z.string(),
})
/** See {@link inputs}. */
export type Inputs = z.infer<typeof inputs>

/** Which proof it is: a row of the ledger is one of these with what was seen. */
export const coordinate = z.strictObject({
  lab: z.string(), provider: providerName, cni: cniName, proxyMode,
  /** What the lab was drawn from, where it is not the default seed. */
  seed: seedText.optional(),
  /** `untouched`, `healthy`, `solution:1`, `near-miss:2`, `fault:3`. */
  case: z.string(),
  repeat: z.int().min(1),
})
/** See {@link coordinate}. */
export type Coordinate = z.infer<typeof coordinate>

/** One check whose verdict is not the declared one. */
export const wrongCell = z.strictObject({ check: z.string(), declared: z.string(), seen: verdict, why: z.string() })

/** One line of `proof/ledger.jsonl`. */
export const row = coordinate.extend({
  /** Hash of coordinate and inputs. */
  key: z.string(),
  inputs,
  at: z.iso.datetime(),
  kubernetes: z.string(),
  asDeclared: z.boolean(),
  /** In words, where it is not as declared. */
  deviation: z.string().optional(),
  /** Ids of checks by verdict. */
  verdicts: z.partialRecord(verdict, z.array(z.string())),
  wrong: z.array(wrongCell).optional(),
  /** First broken hop that a red check named, by check. */
  brokenHops: z.record(z.string(), z.string()).optional(),
  /** Checks whose looks changed their mind. */
  flapped: z.array(z.string()).optional(),
  durationMs: z.int(),
})
/** See {@link row}. */
export type Row = z.infer<typeof row>

/** What cases share that can be proven in one cluster, as one line. */
export const groupOf = (one: Coordinate): string => `${one.lab} ${one.provider} ${one.cni} ${one.proxyMode}${one.seed === undefined ? '' : ` seed ${one.seed}`}`

/** A coordinate as one line, for people and for `--filter`. */
export const label = (one: Coordinate): string => `${groupOf(one)} ${one.case} #${one.repeat}`
