import { plainLine, plainText } from '@hoplab/core'
import type { BrokenHop, CheckResult, Verdict } from '@hoplab/model'
import type { Barrier } from './barrier/barrier.ts'
import type { KindSet } from './kinds/kind-set.ts'
import type { Look } from './kinds/look.ts'
import { Looks } from './looks.ts'
import type { LabView, PlacedCheck } from './port.ts'

/** Longest evidence list that is kept of one check; a full matrix would bury what decides. */
const mostEvidence = 24

/** Shortest time a node's kube-proxy gets to write the canary before a green look is called stale, in milliseconds; it writes at most once a second by default (minSyncPeriod). */
const proxyPatienceMs = 5_000

/** Looks in a row that must say so before it is believed that nothing can be said, or, if no trace confirms the first, a red that rests on silence or on Pods that were changing: a machine out of breath for some seconds loses a packet and its repetition (seen here). */
const doubtfulLooks = 2
/** So many that end silent or broken decide alone, whatever came between: a way that loses every tenth request is none that a moment explains, and the check has an end. */
const mostDoubts = 3
/** Pauses between looks at a check that waits for the cluster, in milliseconds: each is half as long again as the one before. */
const firstPauseMs = 200
const longestPauseMs = 2_000
/** How long a green must stay after such a red that was not seen again, in milliseconds: a way that loses packets is red again meanwhile. */
const calmMs = 2_000
/** How long a machine out of breath is waited for when time is up, in milliseconds. */
const busyPatienceMs = 15_000

/**
 * How long after a change a plugin may still enforce the NetworkPolicies of before, in milliseconds: agents write their rules at their own pace, and nothing
 * tells when they have. Upstream names no bound: three seconds are chosen, not measured.
 */
const policyPaceMs = 3_000

/** One check from its first look to its verdict. Times in milliseconds of the verification's clock. */
export class Course {
  readonly check: PlacedCheck
  readonly #holdMs: number
  readonly #mustStay: boolean
  /** Whether somebody here enforces NetworkPolicies. */
  readonly #enforced: boolean
  /** What was seen may be what policies of before the last change still allow. */
  #policed = false
  /** When it is to be looked at again. Only then can another look decide anything, unless the barrier is reached meanwhile. */
  dueAt = 0
  /** Nodes that the barrier is to be reached on before another look can decide. */
  #heldFor: readonly string[] | undefined
  #begunAt: number | undefined
  #attempts = 0
  #flapped = false
  #wasGood = false
  #redsInRow = 0
  #brokenInRow = 0
  /** A red was not believed: it rested on silence, or on Pods that were changing. */
  #doubted = false
  #suspected = false
  #brokenBefore = false
  #silences = 0
  #brokenLate = 0
  readonly #looks = new Looks()
  #goodSince: number | undefined
  #staleSince: number | undefined
  #last: Look | undefined
  #verdict: Verdict | undefined
  #endedAt = 0

  /** @param view says how long what answers may take to do as the API says, and whether policies are enforced */
  constructor(check: PlacedCheck, kinds: KindSet, view: Pick<LabView, 'paceMs' | 'networkFacts'>) {
    this.check = check
    this.#enforced = view.networkFacts.networkPolicy
    this.#holdMs = kinds.holdMs(check.spec, view)
    this.#mustStay = kinds.mustStay(check.spec)
  }

  get id(): string { return this.check.spec.id }
  get verdict(): Verdict | undefined { return this.#verdict }

  /** How long a green must stay to be believed. */
  get #staysMs(): number { return Math.max(this.#holdMs, this.#doubted ? calmMs : 0, this.#policed ? policyPaceMs : 0) }

  /** Whether the last look was a red that could be believed but for its silence: the next one decides. */
  get suspected(): boolean { return this.#verdict === undefined && this.#suspected }

  /** What the last look said decides, and where. */
  get firstBrokenHop(): string | undefined { return this.#last?.firstBrokenHop }

  /** Adds to a verdict where its packet broke; the verdict stays. */
  explain({ hop, decidedBy, command }: BrokenHop): void {
    if (this.#last) this.#last = { ...this.#last, firstBrokenHop: hop, evidence: [{ witness: 'trace', observed: decidedBy, expected: 'the packet goes on as it is', ...(command === undefined ? {} : { command }) }, ...this.#last.evidence] }
  }

  /** A request of a trace was lost on the same path, and here: the silence of the last look is believed without another. */
  confirm(hop: BrokenHop, now: number): void {
    this.explain(hop)
    this.#end('fail', now)
  }

  /**
   * Whether looks wait longer for what should be answered: from the first look on that was doubted (something stayed silent, or Pods changed
   * meanwhile) or in which something could not be looked at.
   */
  get patient(): boolean { return this.#doubted || this.#brokenBefore }

  /** Looking begins. */
  begin(now: number): void { this.#begunAt ??= now }

  /** Ends without a look: a check it needs has not passed. */
  skip(need: string, now: number): void {
    this.#last = { state: 'broken', why: `Not looked at, because "${need}" has not passed.`, evidence: [], nodes: [] }
    this.#end('skipped', now)
  }

  /** Ends without a look: this network does not have what the check is about. */
  notOffered(missing: readonly string[], now: number): void {
    this.#last = { state: 'broken', why: `Not offered here: this cluster's network has no ${missing.join(' and no ')}.`, evidence: [], nodes: [] }
    this.#end('not-offered', now)
  }

  /**
   * Takes one look; decides whether it may be believed, else when to look again: after ever longer pauses, but as soon as it can decide. Before the barrier
   * that is when time is up, or {@link hurry}: looks until then would only take turns at the nodes from those that can decide, and from the barrier itself.
   */
  take(look: Look, startedAt: number, now: number, barrier: Barrier): void {
    this.#judge(look, startedAt, now, barrier)
    this.#heldFor = barrier.failure === undefined && !barrier.coveredBy(now, look.nodes) ? look.nodes : undefined
    const pause = this.#heldFor || this.#goodSince !== undefined ? Infinity : Math.min(longestPauseMs, firstPauseMs * 1.5 ** (this.#attempts - 1))
    this.dueAt = now + Math.min(pause, this.#wants(now))
  }

  /** The barrier has got on: what was only held back by it can be believed now. */
  hurry(now: number, barrier: Barrier): void {
    if (!this.#heldFor || (barrier.failure === undefined && !barrier.coveredBy(now, this.#heldFor))) return
    this.#heldFor = undefined
    this.dueAt = 0
  }

  #judge(look: Look, startedAt: number, now: number, barrier: Barrier): void {
    this.#attempts += 1
    this.#last = look
    this.#suspected = false
    this.#policed = this.#enforced && look.policed === true && barrier.policiesExist
    const timeUp = now - (this.#begunAt ?? now) >= this.check.spec.within * 1_000 + (look.busy ? busyPatienceMs : 0)
    const covered = barrier.coveredBy(startedAt, look.nodes)
    this.#looks.add(look, covered, startedAt - (this.#begunAt ?? startedAt))
    this.#redsInRow = look.state === 'red' ? this.#redsInRow + 1 : 0
    this.#brokenInRow = look.state === 'broken' ? this.#brokenInRow + 1 : 0
    this.#flapped ||= look.state === 'red' ? this.#wasGood : look.state === 'green' && covered && this.#doubted
    if (look.state === 'broken') return this.#takeBroken(look, timeUp, now)
    if (look.state === 'red') return this.#takeRed(look, startedAt, timeUp, covered, now, barrier)
    this.#staleSince = undefined
    // Before the barrier the cluster may still show what was true before the last change.
    if (!covered && (!timeUp || this.#mayBeStale(look, now, barrier))) { this.#goodSince = undefined; return }
    if (!covered) this.#last = withWaiting(look, barrier)
    this.#goodSince ??= startedAt
    this.#wasGood = true
    if (startedAt - this.#goodSince >= this.#staysMs) this.#end('pass', now)
  }

  /** Milliseconds until another look can decide anything. */
  #wants(now: number): number {
    if (this.#goodSince !== undefined) {
      // A policy that comes late stays: one look at the end shows it.
      const between = this.#holdMs === 0 && !this.#doubted ? Infinity : 300
      return Math.max(50, Math.min(between, this.#goodSince + this.#staysMs - now))
    }
    if (this.#doubted && this.#redsInRow > 0) return 50
    const left = (this.#begunAt ?? now) + this.check.spec.within * 1_000 - now
    // Over: only the barrier, or the end of what a cache may keep, is still waited for.
    return left > 0 ? Math.max(50, left) : 300
  }

  result(truth: CheckResult['truth']): CheckResult {
    const { spec, step, title } = this.check
    const verdict = this.#verdict ?? 'inconclusive'
    const look = this.#last ?? { why: 'Not looked at.', evidence: [], firstBrokenHop: undefined }
    return {
      id: spec.id, step, title, verdict, points: verdict === 'pass' ? spec.points : 0, maxPoints: spec.points, truth,
      why: plainLine(look.why, 500), ...(look.firstBrokenHop === undefined ? {} : { firstBrokenHop: plainLine(look.firstBrokenHop, 200) }),
      evidence: look.evidence.slice(0, mostEvidence).map(({ witness, command, observed, expected }) => ({
        witness, ...(command === undefined ? {} : { command: plainText(command) }), observed: plainLine(observed, 500), expected: plainLine(expected, 500),
      })),
      attempts: this.#attempts, flapped: this.#flapped, ...(this.#attempts === 0 ? {} : { looks: this.#looks.list() }), durationMs: Math.round(Math.max(0, this.#endedAt - (this.#begunAt ?? this.#endedAt))),
    }
  }

  /**
   * Whether a green look after `within` still cannot be believed; ends the check where waiting cannot help. A cluster that merely does not come
   * to rest (a Pod that nothing asks for) is no reason to doubt it.
   */
  #mayBeStale(look: Look, now: number, barrier: Barrier): boolean {
    if (barrier.coveredBy(now, look.nodes)) return true
    if (barrier.failure !== undefined) {
      this.#last = { ...look, state: 'broken', why: `It could not be found out whether the nodes show the newest state: ${barrier.failure}.` }
      this.#end('inconclusive', now)
      return true
    }
    const late = barrier.laggard(look.nodes)
    if (!late) return false
    const waitedMs = now - late.since
    if (waitedMs < Math.max(this.check.spec.within * 1_000, proxyPatienceMs)) return true
    const why = `kube-proxy on ${late.node} has not written a Service made ${Math.round(waitedMs / 1_000)} s ago. What it shows may be older than the last change: ${look.why}`
    this.#last = withWaiting({ ...look, state: 'red', why, firstBrokenHop: `kube-proxy on ${late.node}` }, barrier)
    this.#end('fail', now)
    return true
  }

  /** On a machine out of breath one look can take longer than all of `within`: alone it says no more than one lost packet does. */
  #takeBroken(look: Look, timeUp: boolean, now: number): void {
    this.#goodSince = undefined
    this.#brokenBefore = true
    if (timeUp) this.#brokenLate += 1
    if (look.final || (timeUp && (this.#brokenInRow >= doubtfulLooks || this.#brokenLate >= mostDoubts))) this.#end('inconclusive', now)
  }

  #takeRed(look: Look, startedAt: number, timeUp: boolean, covered: boolean, now: number, barrier: Barrier): void {
    this.#goodSince = undefined
    // The last policy may have been deleted a moment ago. What was good has shown that what is enforced is the newest.
    const pace = this.#enforced && look.policed === true && !this.#wasGood ? policyPaceMs : undefined
    const staleForMs = look.staleForMs === undefined ? pace : Math.max(look.staleForMs, pace ?? 0)
    this.#staleSince = staleForMs === undefined ? undefined : this.#staleSince ?? startedAt
    const stale = staleForMs !== undefined && startedAt - (this.#staleSince ?? startedAt) < staleForMs
    const early = covered && !(look.policed && barrier.policiesExist)
    const broke = this.#wasGood && this.#mustStay
    if (stale || !(early || timeUp || broke)) return
    if (look.unsteady === true && !timeUp) { this.#doubted = true; this.#redsInRow = 0; return }
    if (look.silence === true && look.unsteady !== true) this.#silences += 1
    if ((look.silence === true || look.unsteady === true) && this.#redsInRow < doubtfulLooks && this.#silences < mostDoubts) { this.#doubted = true; this.#suspected = look.unsteady !== true; return }
    if (broke) this.#last = { ...look, why: `It was as asked and then no longer: ${look.why}` }
    if (!covered) this.#last = withWaiting(this.#last ?? look, barrier)
    this.#end('fail', now)
  }

  #end(verdict: Verdict, now: number): void {
    this.#verdict = verdict
    this.#endedAt = now
  }
}

/** The look, with what the barrier still waits for as evidence: first, so that no full list cuts it off. */
function withWaiting(look: Look, barrier: Barrier): Look {
  const waiting = { witness: 'kube-proxy', observed: `still waiting for ${barrier.waitingFor.slice(0, 3).join('; ') || 'nothing'}`, expected: 'everything asked of the cluster before is in effect' }
  return { ...look, evidence: [waiting, ...look.evidence] }
}
