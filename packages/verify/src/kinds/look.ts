import type { Evidence } from '@hoplab/model'

/** What one look at the cluster said about one check. */
export interface Look {
  /** `broken`: the harness failed, so nothing is said about the lab. */
  state: 'green' | 'red' | 'broken'
  /** One sentence for people: what was seen that decides. */
  why: string
  evidence: Evidence[]
  /** Only where it is truly known. */
  firstBrokenHop?: string
  /** Nodes whose kube-proxy must have caught up before this look is believed. */
  nodes: readonly string[]
  /** NetworkPolicies may have decided it. */
  policed?: boolean
  /** A red that may only be a cached answer, or of before the last change: not believed before this many milliseconds have gone by with it. 0: it cannot be. */
  staleForMs?: number
  /** Something that was asked stayed without an answer: one such red may be a moment in which the machine was out of breath. */
  silence?: boolean
  /** What was waited for had not happened in time. */
  late?: boolean
  /** What must not happen was seen to happen: no change of Pods meanwhile excuses it. */
  happened?: boolean
  /** Which Pods are ready changed while it was looked: packets and API may not speak of the same moment. Never of a red with `happened`. */
  unsteady?: boolean
  /** It is `broken` because the machine was out of breath, which may pass. */
  busy?: boolean
  /** Looking again cannot change it. */
  final?: boolean
}

/** Thrown inside a look when what is asked of the lab is not so: ends as a red look. */
export class NotMet extends Error {
  readonly evidence: Evidence[]
  readonly firstBrokenHop: string | undefined
  readonly staleForMs: number | undefined
  /** See {@link Look.silence}; what was asked through the round's batcher is noted without it. */
  readonly silence: boolean
  /** See {@link Look.late}. */
  readonly late: boolean
  /** See {@link Look.happened}. */
  readonly happened: boolean
  constructor(why: string, evidence: Evidence[] = [], firstBrokenHop?: string, staleForMs?: number, { silence = false, late = false, happened = false }: { silence?: boolean; late?: boolean; happened?: boolean } = {}) {
    super(why)
    this.evidence = evidence
    this.firstBrokenHop = firstBrokenHop
    this.staleForMs = staleForMs
    this.silence = silence
    this.late = late
    this.happened = happened
  }
}
