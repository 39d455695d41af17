import type { CheckSpec, ProbeOrigin } from '@hoplab/model'
import type { NobodySort, Round } from '../round.ts'
import { originsOf } from '../scene/origin.ts'
import { answer } from './answer.ts'
import { blocked } from './blocked.ts'
import { distribution } from './distribution.ts'
import { dns } from './dns.ts'
import type { CheckKind } from './kind.ts'
import { type Look, NotMet } from './look.ts'
import { object } from './object.ts'
import { reach } from './reach.ts'
import { source } from './source.ts'

/** Every kind of check and how it looks; a kind of the model that is missing here does not compile. */
const kinds: { [K in CheckSpec['kind']]: CheckKind<K> } = { answer, blocked, distribution, dns, object, reach, source }

/** One look at what `spec` claims, by its kind. Rejects only when the harness failed. */
export async function lookAt(spec: CheckSpec, round: Round): Promise<Look> {
  const policed = originsIn(spec).length > 0
  try {
    return { ...await (kinds[spec.kind] as { look(spec: CheckSpec, round: Round): Promise<Look> }).look(spec, round), policed }
  } catch (thrown) {
    if (!(thrown instanceof NotMet)) throw thrown
    const { message: why, evidence, firstBrokenHop, staleForMs } = thrown
    return {
      state: 'red', why, evidence, policed, nodes: originNodes(spec, round),
      ...(firstBrokenHop === undefined ? {} : { firstBrokenHop }), ...(staleForMs === undefined ? {} : { staleForMs }),
    }
  }
}

/** Nodes on which packets of this check start: their kube-proxy decides where they go. */
export function originNodes(spec: CheckSpec, round: Round): string[] {
  return originsIn(spec).flatMap((origin) => {
    try {
      return originsOf(round, origin).map(({ node }) => node)
    } catch {
      // The place does not exist; the look itself says so.
      return []
    }
  })
}

function originsIn(spec: CheckSpec): ProbeOrigin[] {
  if (spec.kind === 'answer') return 'answeredBy' in spec.truth ? [spec.truth.answeredBy.from] : 'sourceSeen' in spec.truth ? [spec.truth.sourceSeen.from] : []
  return spec.kind === 'object' ? [] : spec.kind === 'blocked' ? [spec.from, spec.control.from] : [spec.from]
}

/** Addresses nothing answers at that this check dials. */
export function nobodiesIn(spec: CheckSpec): NobodySort[] {
  const targets = 'to' in spec ? spec.kind === 'blocked' ? [spec.to, spec.control.to] : [spec.to] : []
  return targets.flatMap((target) => ('nobody' in target ? target.nobody : []))
}

/** How long the answer must stay good, in milliseconds: the author's `hold`, or the kind's least if that is more. */
export function holdMs(spec: CheckSpec): number {
  return Math.max(spec.hold, kinds[spec.kind].minHold ?? 0) * 1_000
}

/** Whether a red after a believed green ends the check. */
export const mustStay = (spec: CheckSpec): boolean => kinds[spec.kind].mustStay ?? false
