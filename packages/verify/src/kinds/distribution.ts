import { plainLine } from '@hoplab/core'
import type { CheckOf, Evidence } from '@hoplab/model'
import type { Round } from '../round.ts'
import { type Destination, destinationOf } from '../scene/destination.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { originsOf, podsCommand } from '../scene/origin.ts'
import { describePodRef, isBackend, isRunning, podName, podsOf, stateOf } from '../scene/pods.ts'
import { selectedPods } from '../scene/services.ts'
import { unreadyNodes } from '../scene/unready-nodes.ts'
import { absenceProbability, requestsToShowAbsence } from '../statistics/absence.ts'
import { requestsToSeeAll } from '../statistics/coverage.ts'
import { type Evenness, evenness, falseAlarm, requestsFor } from '../statistics/evenness.ts'
import { type Exchange, exchange } from '../witness/exchange.ts'
import { exchangeEvidence, requireAnswered } from '../witness/explain.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/**
 * `distribution`: fresh connections from one place reach exactly the expected Pods, each about equally often. One place only: each node's
 * kube-proxy picks for itself. A stranger ends it at once; a missing or uneven share is judged after all requests. Held for at least a second.
 * With `none`: Pods that the Service selects and that are not Ready get nothing, shown by enough requests that one with an even share would be
 * missed once in a million looks.
 *
 * Witnesses: the kernel's record of who answered and the server's own word. Known false pass: stopping as soon as all were seen; no unready Pod, or
 * one the Service would not select anyway (refused). Known false fail: session affinity, keep-alive, several clients' nodes; a share judged at 0.05.
 */
export const distribution: CheckKind<'distribution'> = {
  minHold: 1,
  mustStay: true,
  async look(spec, round) {
    const backends = await expectedBackends(spec, round)
    const [origin] = originsOf(round, spec.from)
    if (!origin) throw new NotMet('There is nowhere to ask from.')
    const destination = await destinationOf(round, spec.to)
    const silent = silentPods(spec, round, destination)
    // First just enough to see every backend: dead or strange ones show without waiting for hundreds of time-outs.
    const first = await exchange(round, origin, destination, Math.min(spec.requests, requestsToSeeAll(backends.length, falseAlarm)))
    requireAnswered(first)
    requireNoStranger(first, backends)
    const enough = silent.length === 0 ? 0 : requestsToShowAbsence(backends.length + silent.length, falseAlarm)
    const done = await exchange(round, origin, destination, Math.max(spec.requests, requestsFor(backends.length), enough))
    requireAnswered(done)
    requireNoStranger(done, backends)
    const counts = backends.map((pod) => done.answers.filter((answer) => answer.pod?.metadata.uid === pod.metadata.uid).length)
    const spread = evenness(counts)
    const evidence = [...spreadEvidence(backends, counts, spread), ...silentEvidence(silent, backends.length, spread.n), ...exchangeEvidence(done)]
    const unseen = backends.filter((_, index) => counts[index] === 0)
    if (unseen.length > 0) throw new NotMet(`${unseen.map(podName).join(', ')} answered none of ${spread.n} requests.`, evidence)
    if (!spread.even) throw new NotMet(`The load is not spread evenly: ${backends.map((pod, index) => `${podName(pod)} ${counts[index]}`).join(', ')} of ${spread.n} (p = ${spread.p.toExponential(1)}).`, evidence)
    return { state: 'green', nodes: [origin.node], evidence, why: `${spread.n} fresh connections were answered by exactly the ${backends.length} expected Pods, evenly (p = ${spread.p.toPrecision(2)})${silent.length === 0 ? '' : `; ${silent.map(podName).join(', ')}, not Ready, got none`}.` }
  },
}

async function expectedBackends(spec: CheckOf<'distribution'>, round: Round): Promise<Pod[]> {
  const all = podsOf(round.snapshot, spec.backends, round.defaultNamespace)
  const ready = all.filter(isBackend)
  if (ready.length === spec.backendCount) return ready
  const wanted = describePodRef(spec.backends, round.defaultNamespace)
  const others = all.filter((pod) => !isBackend(pod))
  const nodes = others.some((pod) => pod.spec?.nodeName === undefined) ? await unreadyNodes(round) : []
  const because = [...nodes, ...others.map((pod) => `${podName(pod)} is ${stateOf(pod)}`)].join('; ')
  throw new NotMet(`${spec.backendCount} Ready backends are asked for (${wanted}), and there ${ready.length === 1 ? 'is' : 'are'} ${ready.length}${because && `: ${because}`}.`,
    [{ witness: 'api', command: podsCommand(spec.backends.namespace ?? round.defaultNamespace), observed: ready.map(podName).join(', ') || 'none', expected: `${spec.backendCount} Ready Pods` }])
}

/** Pods of `none` that the Service would send to if they were Ready. */
function silentPods({ none }: CheckOf<'distribution'>, round: Round, { service, label }: Destination): Pod[] {
  if (none === undefined) return []
  const selected = service && selectedPods(round.snapshot, service)
  const command = podsCommand(none.namespace ?? round.defaultNamespace)
  const wanted = describePodRef(none, round.defaultNamespace)
  const silent = podsOf(round.snapshot, none, round.defaultNamespace).filter((pod) => isRunning(pod) && !isBackend(pod))
  if (silent.length === 0) throw new NotMet(`There is no ${wanted} that runs and is not Ready, so nothing shows that such a Pod gets no requests.`, [{ witness: 'api', command, observed: 'none', expected: `${wanted}, running and not Ready` }])
  const foreign = silent.find((pod) => !selected?.some(({ metadata }) => metadata.uid === pod.metadata.uid))
  if (foreign) throw new NotMet(`${label} does not select Pod ${podName(foreign)}, so it would get nothing even if it were Ready.`, [{ witness: 'api', command, observed: `labels ${plainLine(JSON.stringify(foreign.metadata.labels ?? {}), 200)}`, expected: `those of ${label}'s selector` }])
  return silent
}

function silentEvidence(silent: readonly Pod[], ready: number, n: number): Evidence[] {
  if (silent.length === 0) return []
  const chance = absenceProbability(n, ready + silent.length)
  return [{ witness: 'server', observed: `${silent.map(podName).join(', ')}: 0 of ${n}`, expected: `0 of ${n}; a Pod with an even share would be missed with probability ${chance.toExponential(1)}` }]
}

function requireNoStranger(done: Exchange, backends: readonly Pod[]): void {
  const expected = new Set(backends.map((pod) => pod.metadata.uid))
  const stranger = done.answers.find(({ pod, backend, overwritten }) => !(overwritten && backend === undefined) && (pod === undefined || !expected.has(pod.metadata.uid)))
  if (!stranger) return
  const who = stranger.pod ? `Pod ${podName(stranger.pod)}` : plainLine(stranger.backend ?? 'somebody unknown', 60)
  const because = done.destination.service?.spec?.publishNotReadyAddresses ? ' (publishNotReadyAddresses is set)' : ''
  const unready = stranger.pod && !isBackend(stranger.pod) ? `, and is not Ready${because}` : ''
  throw new NotMet(`${who} answers too, and is none of the expected backends${unready}.`, [
    { witness: stranger.tracked ? 'conntrack' : 'server', observed: `answered by ${who}`, expected: backends.map(podName).join(', ') }, ...exchangeEvidence(done)])
}

function spreadEvidence(backends: readonly Pod[], counts: readonly number[], spread: Evenness): Evidence[] {
  const shares = backends.map((pod, index) => `${podName(pod)} ${counts[index]}`).join(', ')
  if (backends.length < 2) return [{ witness: 'server', observed: shares, expected: `all ${spread.n}` }]
  const observed = `${shares}; n = ${spread.n}, χ² = ${spread.chiSquare.toFixed(2)} with ${spread.df} degrees of freedom, p = ${spread.p.toExponential(2)}`
  const expected = `χ² ≤ ${spread.critical.toFixed(2)} (false alarm 1e-6); a share off by ${(spread.detectable * 100).toFixed(1)} points or more would have been noticed with 99 % power`
  return [{ witness: 'server', observed, expected }]
}
