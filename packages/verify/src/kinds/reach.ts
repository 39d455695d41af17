import { destinationOf } from '../scene/destination.ts'
import { originsOf, ruledOn } from '../scene/origin.ts'
import { exchange } from '../witness/exchange.ts'
import { exchangeEvidence, requireAnswered } from '../witness/explain.ts'
import type { CheckKind } from './kind.ts'

/** `reach`: every one of `count` fresh connections per origin and address is answered by a server that can be believed. */
export const reach: CheckKind<'reach'> = {
  async look(spec, round) {
    const origins = originsOf(round, spec.from)
    const destination = await destinationOf(round, spec.to)
    const done = await Promise.all(origins.map((origin) => exchange(round, origin, destination, spec.count)))
    for (const each of done) requireAnswered(each)
    const total = done.reduce((sum, { answers }) => sum + answers.length, 0)
    return {
      state: 'green', nodes: ruledOn(spec.to, origins, destination), evidence: done.flatMap(exchangeEvidence),
      why: `${total} of ${total} fresh connections from ${origins.map(({ name }) => name).join(', ')} to ${destination.label} were answered.`,
    }
  },
}
