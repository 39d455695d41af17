import type { CheckSpec } from '@hoplab/model'
import type { Round } from '../round.ts'
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
  const policed = 'from' in spec
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

function originNodes(spec: CheckSpec, round: Round): string[] {
  if (!('from' in spec)) return []
  try {
    return originsOf(round, spec.from).map(({ node }) => node)
  } catch {
    return []
  }
}

/** How long the answer must stay good, in milliseconds: the author's `hold`, or the kind's least if that is more. */
export function holdMs(spec: CheckSpec): number {
  return Math.max(spec.hold, kinds[spec.kind].minHold ?? 0) * 1_000
}
