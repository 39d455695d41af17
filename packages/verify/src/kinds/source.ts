import type { CheckOf, Evidence } from '@hoplab/model'
import type { Round } from '../round.ts'
import { destinationOf } from '../scene/destination.ts'
import { type Origin, originsOf, outsideFactsOf, ruledOn } from '../scene/origin.ts'
import { podName } from '../scene/pods.ts'
import { exchange } from '../witness/exchange.ts'
import { exchangeEvidence, requireAnswered } from '../witness/explain.ts'
import { type SourceSeen, sourcesSeen } from '../witness/source.ts'
import { requireSource, sourceEvidence } from '../witness/source-claim.ts'
import { ownAddresses } from '../witness/node-addresses.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/** Connections per origin: with two backends the far one is missed in 1 of 2^19 looks, and its node is where a translation may hide. */
const connections = 20

/** `source`: server and kernel agree that requests arrive from the client Pod's own address, or from one of its node's. */
export const source: CheckKind<'source'> = {
  async look(spec, round) {
    const origins = originsOf(round, spec.from)
    const destination = await destinationOf(round, spec.to)
    const done = await Promise.all(origins.map((origin) => exchange(round, origin, destination, connections)))
    const evidence: Evidence[] = []
    const all: SourceSeen[] = []
    for (const each of done) {
      requireAnswered(each)
      const expected = await expectedAddresses(spec, round, each.origin)
      const seen = (await sourcesSeen(round, each)).filter(({ answer }) => answer.backend !== each.origin.pod?.status?.podIP)
      if (seen.length === 0) throw new NotMet(`${each.origin.name} was answered by itself only; such requests are translated on purpose and show nothing.`, exchangeEvidence(each))
      for (const one of seen) requireSource(one, each.origin, expected)
      all.push(...seen)
      evidence.push(...sourceEvidence(seen, each.origin, expected), ...exchangeEvidence(each))
    }
    return {
      state: 'green', nodes: ruledOn(spec.to, origins, destination), evidence,
      why: `${destination.label} is asked from ${whose[spec.expect]}, ${whoSays(all)}.`,
    }
  },
}

async function expectedAddresses(spec: CheckOf<'source'>, round: Round, origin: Origin): Promise<string[]> {
  if (spec.expect === 'client') return [outsideFactsOf(round).host]
  if (spec.expect === 'load-balancer') return [outsideFactsOf(round).loadBalancer?.inner ?? '']
  if (spec.expect === 'entry-node') return entryAddresses(spec, round)
  if (spec.expect === 'client-node') return ownAddresses(round, origin.node)
  const address = origin.pod?.status?.podIP
  if (!origin.pod || !address) throw new NotMet(`${origin.name} is a node, so there is no client Pod whose address could be seen.`)
  if (origin.pod.spec?.hostNetwork) {
    throw new NotMet(`Pod ${podName(origin.pod)} uses its node's network (hostNetwork), so it has no address of its own.`,
      [{ witness: 'api', observed: 'hostNetwork: true', expected: 'a Pod with its own address', command: `hoplab kubectl -n ${origin.pod.metadata.namespace} get pod ${origin.pod.metadata.name} -o yaml` }])
  }
  return [address]
}

/** Addresses of the node whose NodePort is asked. */
function entryAddresses({ to }: CheckOf<'source'>, round: Round): Promise<string[]> {
  if (!('service' in to) || to.node === undefined) throw new NotMet('Only a request to the NodePort of a node has a node that it enters by.')
  return ownAddresses(round, round.view.nodeName(to.node))
}

const whose = {
  'client-pod': "the client Pod's own address", 'client-node': "an address of the client's node", client: "the client's own address",
  'entry-node': 'an address of the node that was asked', 'load-balancer': "the load balancer's address",
} as const

/** Who stands behind the verdict: each connection has at least one witness. */
function whoSays(seen: readonly SourceSeen[]): string {
  const both = seen.filter(({ byServer, byKernel }) => byServer && byKernel).length
  const kernel = seen.filter(({ byServer, byKernel }) => !byServer && byKernel).length
  const words = [[both, 'server and kernel'], [kernel, 'the kernel alone'], [seen.length - both - kernel, 'the server alone']] as const
  const spoke = words.filter(([count]) => count > 0)
  return spoke.length === 1 ? `say${spoke[0]?.[1] === 'server and kernel' ? '' : 's'} ${spoke[0]?.[1]}` : `say ${spoke.map(([count, who]) => `${who} (${count} of ${seen.length})`).join(', ')}`
}
