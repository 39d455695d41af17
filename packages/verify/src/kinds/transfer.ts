import { destinationOf } from '../scene/destination.ts'
import { originsOf, ruledOn } from '../scene/origin.ts'
import { exchange } from '../witness/exchange.ts'
import { exchangeEvidence, requireAnswered } from '../witness/explain.ts'
import { requireWhole, transferEvidence, transfersBeside } from '../witness/transfer.ts'
import type { CheckKind } from './kind.ts'

/** Small requests beside the large ones, per address. */
const small = 3

/**
 * `transfer`: bodies of `bytes` arrive whole in both directions. Witnesses: the client's count and hash of what it sent and got, the server's of what
 * arrived, and the nonce, which decides what must come back, so that an announced hash alone proves nothing. Control: small requests to the same
 * addresses, which are answered right before, and the control Pods' path; a small red is no matter of size and is told as such.
 * Known false pass: only the request is large, so both ways must be; a server that announces what it did not get, so only the lab's counts; path MTU
 * discovery, which lets large bodies through where a device's MTU is wrong (that is what `mtu` sees). Known false fail: a machine so busy that a
 * mebibyte takes seconds.
 */
export const transfer: CheckKind<'transfer'> = {
  async look(spec, round) {
    const origins = originsOf(round, spec.from)
    const destination = await destinationOf(round, spec.to)
    const done = await Promise.all(origins.map((origin) => exchange(round, origin, destination, small)))
    for (const each of done) requireAnswered(each)
    const moved = await Promise.all(done.map(async (each) => ({ each, answers: await transfersBeside(round, each, spec) })))
    const evidence = moved.flatMap(({ each, answers }) => [...transferEvidence(each, answers, spec.bytes), ...exchangeEvidence(each)])
    for (const { each, answers } of moved) for (const answer of answers) requireWhole(each, answer, spec.bytes, evidence)
    const total = moved.reduce((sum, { answers }) => sum + answers.length, 0)
    return {
      state: 'green', nodes: ruledOn(spec.to, origins, destination), evidence,
      why: `${total} of ${total} connections from ${origins.map(({ name }) => name).join(', ')} to ${destination.label} carried ${spec.bytes} bytes each way unchanged.`,
    }
  },
}
