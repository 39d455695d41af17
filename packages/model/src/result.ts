import { z } from 'zod'
import { clusterFacts, cniName, providerName } from './cluster.ts'
import { cniOptions } from './cni-options.ts'

/** The five ends a check can have; what each means stands in ARCHITECTURE.md. */
export const verdict = z.enum(['pass', 'fail', 'inconclusive', 'skipped', 'not-offered'])
/** See {@link verdict}. */
export type Verdict = z.infer<typeof verdict>

/** One observation a verdict rests on. */
export const evidence = z.strictObject({
  /** Who saw it: `server`, `client`, `conntrack`, `api`, `dns`, `kube-proxy`, `control`, `learner`. */
  witness: z.string(),
  /** How to look oneself. */
  command: z.string().optional(),
  observed: z.string(),
  expected: z.string(),
})
/** See {@link evidence}. */
export type Evidence = z.infer<typeof evidence>

/** Most entries of {@link checkResult}'s `looks`: the first and the last of them. */
export const mostLooks = 40

/** What one look at the cluster said, or several in a row that said the same. */
export const pastLook = z.strictObject({
  /** From the check's first look, in milliseconds. */
  atMs: z.number(),
  /** `green` as asked, `red` not so, `broken` the tool's own failure, which says nothing about the lab. */
  state: z.enum(['green', 'red', 'broken']),
  /** Whether everything asked of the cluster before was known to be in effect when the look began. Earlier ones may show the state before a change. */
  believed: z.boolean(),
  why: z.string(),
  /** How many looks in a row said this. */
  times: z.int().min(1),
})
/** See {@link pastLook}. */
export type PastLook = z.infer<typeof pastLook>

/** How one check ended. */
export const checkResult = z.strictObject({
  id: z.string(),
  step: z.string(),
  title: z.string(),
  verdict,
  points: z.number(),
  maxPoints: z.number(),
  /** Whether `hoplab solve` made what was seen: then the check earns no points, whatever its verdict. */
  solvedByTool: z.boolean().optional(),
  truth: z.enum(['real', 'simulated']),
  /** One sentence: what was seen that decides. */
  why: z.string(),
  /** First hop where the packet was missing or changed. */
  firstBrokenHop: z.string().optional(),
  evidence: z.array(evidence),
  /** How often it was looked at. */
  attempts: z.int(),
  /** Whether it was green and red in turn, after everything asked before was in effect. */
  flapped: z.boolean(),
  /** What each look said, in order; the middle of more than {@link mostLooks} is left out. */
  looks: z.array(pastLook).max(mostLooks).optional(),
  durationMs: z.number(),
})
/** See {@link checkResult}. */
export type CheckResult = z.infer<typeof checkResult>

/** One part of `run` or `prove`. */
export const phaseResult = z.strictObject({
  /** `untouched`, `solution:<n>`, `near-miss:<n>`, `fault:<n>`, `down`. */
  name: z.string(),
  verdict,
  points: z.number(),
  maxPoints: z.number(),
  checks: z.array(checkResult),
  /** `prove`: whether the phase ended as the lab declares, and if not, how. */
  asDeclared: z.boolean(),
  deviation: z.string().optional(),
  /** Folder with what was kept because a check was inconclusive. */
  evidence: z.string().optional(),
  durationMs: z.number(),
})
/** See {@link phaseResult}. */
export type PhaseResult = z.infer<typeof phaseResult>

/** Version of the result shape; raised when a reader must change. */
export const resultSchemaVersion = 1

/** What every graded command prints with `--json`. */
export const labResult = z.strictObject({
  schemaVersion: z.literal(resultSchemaVersion),
  lab: z.string(),
  section: z.int(),
  provider: providerName,
  cni: cniName,
  /** Of the CNI, where they are not its default. */
  cniOptions: cniOptions.optional(),
  seed: z.string(),
  cluster: clusterFacts,
  verdict,
  points: z.number(),
  /** Points that would be reached if every inconclusive check were to pass. */
  pointsPossible: z.number(),
  maxPoints: z.number(),
  durationMs: z.number(),
  checks: z.array(checkResult),
  /** Folder with what was kept because a check was inconclusive. */
  evidence: z.string().optional(),
  phases: z.array(phaseResult).optional(),
})
/** See {@link labResult}. */
export type LabResult = z.infer<typeof labResult>

/** Verdict of several checks together: fail before inconclusive before pass; skipped and not-offered never count. */
export function together(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail'
  if (verdicts.includes('inconclusive')) return 'inconclusive'
  return verdicts.includes('pass') ? 'pass' : verdicts.includes('skipped') ? 'skipped' : 'not-offered'
}
