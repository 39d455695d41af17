import { checkFields, defineCheckKind, destinationOf, exchange, exchangeEvidence, NotMet, originsOf, probed, requireAnswered, z } from '@hoplab/verify/kind'

/** A kind as somebody outside writes it: the target is answered, and by no fewer Pods than asked for. */
export const manyServers = defineCheckKind({
  spec: z.strictObject({ kind: z.literal('acme-many-servers'), ...checkFields, ...probed, atLeast: z.int().min(1).default(2) }),
  async look(spec, round) {
    const [origin] = originsOf(round, spec.from)
    if (!origin) throw new NotMet('There is nowhere to ask from.')
    const done = await exchange(round, origin, await destinationOf(round, spec.to), 40)
    requireAnswered(done)
    const servers = new Set(done.answers.flatMap(({ backend }) => backend ?? []))
    if (servers.size < spec.atLeast) throw new NotMet(`Only ${servers.size} servers answer; ${spec.atLeast} are asked for.`, exchangeEvidence(done))
    return { state: 'green', nodes: [origin.node], evidence: exchangeEvidence(done), why: `${servers.size} servers answer ${done.destination.label}.` }
  },
})
