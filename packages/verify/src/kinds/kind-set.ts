import { plainLine } from '@hoplab/core'
import { type AnyCheck, type ProbeOrigin, probeOrigin, type ProbeTarget, probeTarget, requireNewKinds } from '@hoplab/model'
import type { LabView } from '../port.ts'
import { Broken } from '../probes/broken.ts'
import type { Round } from '../round.ts'
import type { NobodySort } from '../scene/nobodies.ts'
import { nodesOf, originsOf } from '../scene/origin.ts'
import type { OutsideKind } from './define.ts'
import type { Looking } from './kind.ts'
import { type Look, NotMet } from './look.ts'
import { builtInKinds } from './registry.ts'

/** See {@link LabView.paceMs}. */
const usualPaceMs = 4_000
/** How many addresses in a row may be given away before the last look stands. */
const otherAddresses = 2

/** The kinds one verifier knows: those that come with hoplab and those it was given. */
export class KindSet {
  readonly #kinds: ReadonlyMap<string, Looking<AnyCheck>>

  /** Throws `HOP_CHECK_KIND_TAKEN` when a given kind has the name of another. */
  constructor(given: readonly OutsideKind[] = []) {
    requireNewKinds(given.map(({ kind }) => kind))
    this.#kinds = new Map<string, Looking<AnyCheck>>([...Object.entries(builtInKinds), ...given.map((one) => [one.kind, one] as const)])
  }

  /**
   * One look at what `spec` claims, by its kind; another where an address that nobody had became somebody's meanwhile: a Pod may well answer at its own.
   * Rejects only when the harness failed, with `Broken` when nobody here knows the kind.
   * @param options.patient whether what should be answered is waited for longer. @default false
   */
  async lookAt(spec: AnyCheck, round: Round, options: { patient?: boolean } = {}): Promise<Look> {
    for (let left = otherAddresses; ; left -= 1) {
      const look = await this.#lookOnce(spec, round, options)
      if (look.state !== 'red' || left === 0 || !await round.nobodies.becameSomebodys(this.nobodiesIn(spec))) return look
    }
  }

  async #lookOnce(spec: AnyCheck, round: Round, options: { patient?: boolean }): Promise<Look> {
    const kind = this.#kinds.get(spec.kind)
    if (!kind) throw new Broken(`This verifier knows no check kind "${plainLine(spec.kind, 60)}".`, { hopeless: true })
    const policed = this.#originsIn(spec).length > 0
    const { round: own, ear } = round.forOneLook(options)
    try {
      return { ...await kind.look(spec, own), policed }
    } catch (thrown) {
      if (!(thrown instanceof NotMet)) throw thrown
      const { message: why, evidence, firstBrokenHop } = thrown
      const staleForMs = thrown.staleForMs ?? (this.paceMs(spec, round.view) || undefined)
      return {
        state: 'red', why, evidence, policed, nodes: this.originNodes(spec, round), silence: thrown.silence || ear.silence, late: thrown.late, happened: thrown.happened,
        ...(firstBrokenHop === undefined ? {} : { firstBrokenHop }), ...(staleForMs === undefined ? {} : { staleForMs }),
      }
    }
  }

  /** Nodes on which packets of this check start: their kube-proxy decides where they go. */
  originNodes(spec: AnyCheck, round: Round): string[] {
    if (this.#kinds.get(spec.kind)?.everyNode) return round.view.nodes.map(({ name }) => name)
    // Where a place does not exist, the look itself says so.
    const entries = this.#targetsIn(spec).flatMap((target) => ('service' in target && target.node !== undefined ? [target.node] : []))
    return [...this.#originsIn(spec).flatMap((origin) => orNone(() => nodesOf(originsOf(round, origin)))), ...entries.flatMap((position) => orNone(() => [round.view.nodeName(position)]))]
  }

  /** Addresses nothing answers at that this check dials. */
  nobodiesIn(spec: AnyCheck): NobodySort[] {
    return this.#targetsIn(spec).flatMap((target) => ('nobody' in target ? target.nobody : []))
  }

  /** How long the answer must stay good, in milliseconds: the author's `hold`, or the kind's least if that is more. */
  holdMs(spec: AnyCheck, view: Pick<LabView, 'paceMs'>): number {
    return Math.max(spec.hold * 1_000, (this.#kinds.get(spec.kind)?.minHold ?? 0) * 1_000, this.paceMs(spec, view))
  }

  /** How long a look may show what was before the last change, in milliseconds, although the barrier is reached. */
  paceMs(spec: AnyCheck, { paceMs = usualPaceMs }: Pick<LabView, 'paceMs'>): number {
    const atItsOwn = this.#kinds.get(spec.kind)?.atItsOwnPace === true || this.#targetsIn(spec).some((target) => 'service' in target && target.via === 'load-balancer')
    return atItsOwn ? paceMs : 0
  }

  /** Whether a red after a believed green ends the check. */
  mustStay(spec: AnyCheck): boolean { return this.#kinds.get(spec.kind)?.mustStay ?? false }

  #targetsIn(spec: AnyCheck): readonly ProbeTarget[] {
    const kind = this.#kinds.get(spec.kind)
    return kind?.targets ? orNone(() => kind.targets?.(spec) ?? []) : shaped(probeTarget, spec, 'to')
  }

  #originsIn(spec: AnyCheck): readonly ProbeOrigin[] {
    const kind = this.#kinds.get(spec.kind)
    return kind?.origins ? orNone(() => kind.origins?.(spec) ?? []) : shaped(probeOrigin, spec, 'from')
  }
}

/** A kind that fails here fails in its look too; the other checks of the round must not suffer for it. */
function orNone<T>(list: () => readonly T[]): readonly T[] {
  try {
    return list()
  } catch {
    return []
  }
}

/** The field of this name, where the kind has one of this shape. */
function shaped<T>(schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } }, spec: AnyCheck, field: string): T[] {
  const parsed = schema.safeParse((spec as Record<string, unknown>)[field])
  return parsed.success ? [parsed.data] : []
}
