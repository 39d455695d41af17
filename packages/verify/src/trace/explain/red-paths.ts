import { type AnyCheck, probeOrigin, probeTarget } from '@hoplab/model'
import { NotMet } from '../../kinds/look.ts'
import type { Round } from '../../round.ts'
import { destinationOf } from '../../scene/destination.ts'
import { type Origin, originsOf, podOrigin } from '../../scene/origin.ts'
import { isBackend } from '../../scene/pods.ts'
import type { Endpoint } from '../../scene/services.ts'
import { controlNamespace } from '../../scene/snapshot.ts'
import type { Asked } from '../goal.ts'

/** A check that ended red, as its look left it. */
export interface Red { spec: AnyCheck; firstBrokenHop: string | undefined }

/** A path that a red check's packets took, and whether its claim is about the source address. */
export interface RedPath extends Asked { source: boolean }

/** Most Pods of one reference whose paths are looked at. */
const mostTargets = 2

/** What the control Pods' look says when not even they reach each other. */
const betweenNodes = /^path (\S+) → (\S+)$/u

/** Kinds whose red may mean that requests do not arrive, or arrive changed. Others say themselves what they saw. */
const sending = new Set(['reach', 'source', 'distribution', 'affinity'])

/** Whether looking at the packets may tell more than the look did. */
export const isUnexplained = ({ spec, firstBrokenHop }: Red): boolean => betweenNodes.test(firstBrokenHop ?? '') || (firstBrokenHop === undefined && sending.has(spec.kind))

/** The paths to look at for a red check; none where its places do not exist. */
export async function redPaths(round: Round, { spec, firstBrokenHop }: Red): Promise<RedPath[]> {
  const [, from, to] = betweenNodes.exec(firstBrokenHop ?? '') ?? []
  if (from !== undefined && to !== undefined) return controlPath(round, from, to)
  try {
    const { from: origin, to: target } = spec as { from?: unknown; to?: unknown }
    const [start] = originsOf(round, probeOrigin.parse(origin))
    const { addresses, label, port, service, endpoints, entry } = await destinationOf(round, probeTarget.parse(target))
    // A trace follows what the client's node translates, not what a second node does, and not what is outside of the cluster.
    if (!start || start.outside || entry !== undefined) return []
    return likeliest(start, addresses, endpoints).map((address) => ({
      origin: start, source: spec.kind === 'source' && (spec as { expect?: unknown }).expect === 'client-pod',
      goal: { name: service ? label : label.replace(/, port (\d+)$/u, ':$1'), address, port, service, asked: undefined, endpoints: service ? endpoints : endpoints.filter(({ ip }) => ip === address) },
    }))
  } catch (thrown) {
    if (thrown instanceof NotMet) return []
    throw thrown
  }
}

/** A Pod's own address is no way at all; where there are more addresses than are looked at, those on other nodes come first: more can break on the way there. */
function likeliest({ pod, node }: Origin, addresses: readonly string[], endpoints: readonly Endpoint[]): string[] {
  const others = addresses.filter((address) => address !== pod?.status?.podIP)
  const isNear = (address: string): number => Number(endpoints.find(({ ip }) => ip === address)?.node === node)
  return (others.length > mostTargets ? others.toSorted((a, b) => isNear(a) - isNear(b)) : others).slice(0, mostTargets)
}

/** Between the control Pods of two nodes; their own Service plays no part. */
function controlPath(round: Round, from: string, to: string): RedPath[] {
  const controlOn = (node: string) => round.snapshot.pods.find((pod) => pod.metadata.namespace === controlNamespace && pod.spec?.nodeName === node && isBackend(pod))
  const [client, server] = [controlOn(from), controlOn(to)]
  const address = server?.status?.podIP
  if (!client || !server || address === undefined) return []
  return [{
    origin: podOrigin(client), source: false,
    goal: { name: `Pod ${controlNamespace}/${server.metadata.name}:8080`, address, port: 8_080, service: undefined, asked: undefined, endpoints: [{ ip: address, port: 8_080, node: to, pod: server.metadata.name }] },
  }]
}
