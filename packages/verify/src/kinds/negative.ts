import type { CheckOf } from '@hoplab/model'
import type { Round } from '../round.ts'
import { distribution } from './distribution.ts'
import { destinationOf } from '../scene/destination.ts'
import { originsOf } from '../scene/origin.ts'
import type { CheckKind } from './kind.ts'
import { type Look, NotMet } from './look.ts'
import { reach } from './reach.ts'
import { source } from './source.ts'

/**
 * `negative`: a core check with something known to be broken goes red, while the same check in order is green in the same look. Where only "not
 * answered" is to be shown, `blocked` says it with an address nobody has.
 *
 * Witnesses and control: those of the core check, and the check in order. Known false pass: a twin that is red for another reason, such as a client or
 * a Service that is gone or, headless, has no endpoint (both must be there), or one lost packet (it must stay red for a second). Known false fail: none; a green twin is what this check is there to find.
 */
export const negative: CheckKind<'negative'> = {
  minHold: 1,
  origins: ({ broken, control }) => [broken.from, control.from],
  targets: ({ broken, control }) => [broken.to, control.to],
  async look(spec, round) {
    // What is not there is red for that reason alone.
    originsOf(round, spec.broken.from)
    const { label, addresses, endpoints } = await destinationOf(round, spec.broken.to)
    if (addresses.length === 0 && endpoints.length === 0) throw new NotMet(`${label} has neither a ClusterIP nor an endpoint: there is no address at which the broken twin could be asked.`, [{ witness: 'api', observed: 'no address', expected: 'a ClusterIP or an endpoint', command: 'hoplab kubectl get services,endpointslices -A' }], label)
    const [broken, control] = await Promise.all([lookAt(spec, spec.broken, round), lookAt(spec, spec.control, round)])
    const evidence = [...broken.evidence.map((one) => ({ ...one, witness: `broken twin: ${one.witness}` })), ...control.evidence]
    if (control.state === 'red') throw new NotMet(`The check in order must pass for its broken twin to mean anything, and it does not: ${control.why}`, evidence, control.firstBrokenHop, control.staleForMs)
    if (broken.state === 'green') throw new NotMet(`The broken twin passes, so a pass of "${spec.broken.kind}" proves nothing here: ${broken.why}`, evidence)
    return { state: 'green', nodes: [...broken.nodes, ...control.nodes], evidence, why: `The broken twin goes red, as it must: ${broken.why}` }
  },
}

type Core = CheckOf<'negative'>['broken']

/** One look at a core check; what the lab does not meet is a red look, what the harness cannot do is thrown on. */
async function lookAt(spec: CheckOf<'negative'>, core: Core, round: Round): Promise<Look> {
  const { broken: _, control: __, ...fields } = spec
  try {
    if (core.kind === 'reach') return await reach.look({ ...fields, ...core }, round)
    if (core.kind === 'source') return await source.look({ ...fields, ...core }, round)
    return await distribution.look({ ...fields, ...core }, round)
  } catch (thrown) {
    if (!(thrown instanceof NotMet)) throw thrown
    const { message: why, evidence, firstBrokenHop, staleForMs } = thrown
    return { state: 'red', why, evidence, nodes: [], ...(firstBrokenHop === undefined ? {} : { firstBrokenHop }), ...(staleForMs === undefined ? {} : { staleForMs }) }
  }
}
