import { plainLine } from '@hoplab/core'
import type { CheckOf, Evidence } from '@hoplab/model'
import { controlEvidence, controlPaths } from '../probes/control.ts'
import type { DnsAnswer } from '../probes/request.ts'
import type { Round } from '../round.ts'
import { type Origin, originsOf } from '../scene/origin.ts'
import { describePodRef, isBackend, podsOf } from '../scene/pods.ts'
import { clusterIpOf, endpointsOf, serviceOf } from '../scene/services.ts'
import { connectMs } from '../witness/exchange.ts'
import { dnsOutcome, staleMs } from '../witness/explain.ts'
import { normalIp } from '../witness/address.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/** A name every cluster's DNS knows: shows that DNS itself answers when another name must not exist. */
const knownName = 'kubernetes.default.svc.cluster.local.'

/** `dns`: the origin's own resolver, with its own search list, gives exactly the addresses the API has; or denies the name while it knows another. */
export const dns: CheckKind<'dns'> = {
  async look(spec, round) {
    const origins = originsOf(round, spec.from)
    const expected = expectedAddresses(spec, round)
    const looks = await Promise.all(origins.map((origin) => resolve(spec, round, origin)))
    const evidence = looks.flatMap((look) => lookEvidence(spec, look, expected))
    for (const { origin, answer, known, paths } of looks) {
      const dead = paths.find(({ alive }) => !alive)
      if (dead) throw new NotMet(`The path from ${dead.from} to ${dead.to}, where DNS answers, is broken.`, evidence, `path ${dead.from} → ${dead.to}`)
      if (expected === 'nxdomain') requireDenied(spec.name, origin, answer, known, evidence)
      else requireAddresses(spec.name, origin, answer, expected, evidence)
    }
    const outcome = expected === 'nxdomain' ? 'is denied, while a known name resolves' : `resolves to ${expected.join(', ')}, as the API says`
    return { state: 'green', nodes: origins.map(({ node }) => node), evidence, why: `${plainLine(spec.name, 100)} asked from ${origins.map(({ name }) => name).join(', ')} ${outcome}.` }
  },
}

interface Resolved { origin: Origin; answer: DnsAnswer; known: DnsAnswer; paths: Awaited<ReturnType<typeof controlPaths>> }

async function resolve(spec: CheckOf<'dns'>, round: Round, origin: Origin): Promise<Resolved> {
  const ask = (name: string) => round.batcher.ask(origin.node, { kind: 'dns', from: origin.from, name, type: 'A', timeoutMs: connectMs })
  const service = serviceOf(round.snapshot, 'kube-system', 'kube-dns')
  const servers = service ? endpointsOf(round.snapshot, service, 53).flatMap(({ node }) => node ?? []) : []
  const [answer, known, paths] = await Promise.all([ask(spec.name), ask(knownName), controlPaths(round, origin.node, [origin.node, ...servers])])
  if (!answer.dns || !known.dns) throw new NotMet(`DNS could not be asked from ${origin.name}.`)
  return { origin, answer: answer.dns, known: known.dns, paths }
}

function expectedAddresses({ expect }: CheckOf<'dns'>, round: Round): string[] | 'nxdomain' {
  if ('nxdomain' in expect) return 'nxdomain'
  if ('clusterIpOf' in expect) {
    const namespace = expect.clusterIpOf.namespace ?? round.defaultNamespace
    const service = serviceOf(round.snapshot, namespace, expect.clusterIpOf.service)
    const address = service && clusterIpOf(service)
    if (!address) throw new NotMet(`${service ? 'Service' : 'There is no Service'} ${namespace}/${expect.clusterIpOf.service}${service ? ' has no ClusterIP' : ''}.`)
    return [address]
  }
  const addresses = podsOf(round.snapshot, expect.podIpsOf, round.defaultNamespace).filter(isBackend).flatMap((pod) => pod.status?.podIP ?? [])
  if (addresses.length === 0) throw new NotMet(`There is no Ready ${describePodRef(expect.podIpsOf, round.defaultNamespace)}.`)
  return addresses.sort()
}

function requireDenied(name: string, origin: Origin, answer: DnsAnswer, known: DnsAnswer, evidence: Evidence[]): void {
  if (known.addresses.length === 0) throw new NotMet(`DNS does not work from ${origin.name} at all (${dnsOutcome(known)}), so a denied name shows nothing.`, evidence, 'DNS')
  if (answer.addresses.length > 0) throw new NotMet(`${plainLine(name, 100)} resolves from ${origin.name}, and should not.`, evidence, undefined, staleMs(answer))
  if (!isDenied(answer)) throw new NotMet(`${plainLine(name, 100)} asked from ${origin.name} ended with ${dnsOutcome(answer)}, not with NXDOMAIN.`, evidence)
}

/**
 * A search list ends with the bare name. A DNS without a way to the outside does not deny that: CoreDNS without `forward` says SERVFAIL (measured
 * here), others REFUSED. The known name shows at the same time that it works.
 */
function isDenied({ rcode = '', name = '' }: DnsAnswer): boolean {
  return rcode === 'NXDOMAIN' || (['SERVFAIL', 'REFUSED'].includes(rcode) && !name.endsWith('.cluster.local.'))
}

function requireAddresses(name: string, origin: Origin, answer: DnsAnswer, expected: readonly string[], evidence: Evidence[]): void {
  const got = [...new Set(answer.addresses.map((address) => normalIp(address) ?? address))].sort()
  if (got.join() === [...expected].sort().join()) return
  const outcome = got.length === 0 ? `does not resolve (${dnsOutcome(answer)})` : `resolves to ${plainLine(got.join(', '), 200)}, not to ${expected.join(', ')}`
  throw new NotMet(`${plainLine(name, 100)} asked from ${origin.name} ${outcome}.`, evidence, got.length === 0 ? 'DNS' : undefined, staleMs(answer))
}

function lookEvidence(spec: CheckOf<'dns'>, { origin, answer, known, paths }: Resolved, expected: string[] | 'nxdomain'): Evidence[] {
  const wanted = expected === 'nxdomain' ? 'NXDOMAIN' : expected.join(', ')
  const from = answer.server === undefined ? '' : ` (from ${answer.server}${answer.name === undefined ? '' : `, as ${answer.name}`})`
  return [
    { witness: 'dns', command: origin.at(`dig +search ${plainLine(spec.name, 100)}`), observed: plainLine(`${dnsOutcome(answer)}${from}`, 300), expected: wanted },
    { witness: 'control', command: origin.at(`dig ${knownName}`), observed: dnsOutcome(known), expected: 'a name every cluster knows resolves' },
    ...(expected === 'nxdomain' ? [] : [{ witness: 'api', command: 'hoplab kubectl get services,pods -A -o wide', observed: wanted, expected: wanted }]),
    ...controlEvidence(paths),
  ]
}
