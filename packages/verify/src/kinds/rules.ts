import { plainLine } from '@hoplab/core'
import type { CheckOf, Evidence } from '@hoplab/model'
import { controlEvidence, controlPaths } from '../probes/control.ts'
import type { Round } from '../round.ts'
import { describeRules, rulesFault, type ServiceRules, type Virtual } from '../rules/service-rules.ts'
import { rulesCommand, serviceRules } from '../rules/read.ts'
import type { Service } from '../scene/kube-shapes.ts'
import { onNode as placed } from '../scene/node-place.ts'
import { clusterIpOf, serviceOf, servingEndpoints } from '../scene/services.ts'
import { connectMs } from '../witness/exchange.ts'
import { pages, readPage } from '../witness/proxy-status.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/** Connections per node that must be seen in the rules. */
const probes = 8

/**
 * `rules`: on every node kube-proxy's rules for one Service port lead to exactly its endpoints, each with the same share, and new connections pass
 * through them. Read by meaning: chain names carry hashes that differ between clusters.
 *
 * Witnesses: the rules, and that they are used: in iptables mode their packet counters rise by at least the connections opened now, in nftables
 * mode (its rules have no counters) the kernel's record of those connections shows the translation, also where a policy lets nobody answer them.
 * Control: the node's control Pod answers in the same batch; and where the rules are missing, the same reading looks for those of Service
 * default/kubernetes, so that `why` tells one lost Service from a node without rules. Where rules are wrong, kube-proxy's own health page and whether
 * the Service has a chain at all tell a lost rule from a kube-proxy that does not write.
 * Known false pass: rules of the other iptables (legacy beside nft) that the kernel meets too late, found by counters that stand still. Known false
 * fail: unequal-looking probabilities (1/3, 1/2, rest), which are right; chain hashes; `iptables-save` on a node in nftables mode.
 */
export const rules: CheckKind<'rules'> = {
  everyNode: true,
  async look(spec, round) {
    const { service, virtual } = asked(spec, round)
    const nodes = round.view.nodes.map(({ name }) => name)
    const seen = await Promise.all(nodes.map((node) => onNode(round, { service, virtual, node })))
    const evidence = seen.flatMap((one) => one.evidence)
    if (seen.every(({ expected }) => expected.length === 0)) throw new NotMet(`${nameOf(service)} has no endpoint at port ${virtual.port}, so no rule can lead to one.`, evidence, `${nameOf(service)}:${virtual.port}`)
    for (const { fault, node, proxy, passing } of seen) if (fault !== undefined) throw new NotMet(`On ${node} ${fault}.`, evidence, `${proxy ? 'kube-proxy' : `rule of ${nameOf(service)}:${virtual.port}`} on ${node}`, passing ? countedAgainMs : undefined)
    return { state: 'green', nodes, evidence, why: `On ${nodes.length} nodes the rules of ${nameOf(service)}:${virtual.port} lead evenly to exactly its endpoints, and were used.` }
  },
}

/** kube-proxy may rewrite a chain, and so set its counters to 0, between two readings; it does not do so again and again for this many milliseconds. */
const countedAgainMs = 1_500

const nameOf = ({ metadata }: Service): string => plainLine(`Service ${metadata.namespace}/${metadata.name}`, 160)

function asked(spec: CheckOf<'rules'>, round: Round): { service: Service; virtual: Virtual } {
  const namespace = spec.namespace ?? round.defaultNamespace
  const service = serviceOf(round.snapshot, namespace, spec.service)
  const evidence: Evidence[] = [{ witness: 'api', observed: service ? `clusterIP ${plainLine(String(service.spec?.clusterIP))}` : 'no such Service', expected: `Service ${namespace}/${spec.service} with port ${spec.port}`, command: `hoplab kubectl -n ${namespace} get services` }]
  if (!service) throw new NotMet(`There is no Service ${namespace}/${spec.service}.`, evidence)
  const port = (service.spec?.ports ?? []).find((entry) => entry.port === spec.port && (entry.protocol ?? 'TCP') === spec.protocol)
  const ip = clusterIpOf(service)
  if (!port || ip === undefined) throw new NotMet(`${nameOf(service)} has no ${port ? 'ClusterIP' : `${spec.protocol} port ${spec.port}`}, so no node has rules for it.`, evidence)
  return { service, virtual: { ip, port: spec.port, protocol: spec.protocol, owner: { name: `${namespace}/${spec.service}`, portName: port.name ?? '' } } }
}

interface Seen {
  node: string; evidence: Evidence[]; expected: readonly string[]; fault: string | undefined
  /** Not a rule is at fault, but kube-proxy: it has written none, or does not say that it is well. */
  proxy?: boolean
  /** The rules are as they should be; connections through them are not. */
  passing?: boolean
}

async function onNode(round: Round, asking: { service: Service; virtual: Virtual; node: string }): Promise<Seen> {
  const seen = await rulesOn(round, asking)
  if (seen.fault === undefined || seen.passing || seen.proxy) return seen
  const { url, status } = await readPage(round, seen.node, pages.healthz)
  if (status === 200) return seen
  const said = status === 0 ? `nobody answers at ${url}` : `${url} says ${status}`
  const command = placed(round.view, seen.node, `curl -s ${url}`)
  return { ...seen, fault: `${seen.fault}, and kube-proxy is not well: ${said}`, proxy: true, evidence: [...seen.evidence, { witness: 'kube-proxy', command, observed: `${seen.node}: ${said}`, expected: '200' }] }
}

async function rulesOn(round: Round, { service, virtual, node }: { service: Service; virtual: Virtual; node: string }): Promise<Seen> {
  const expected = [...new Set(servingEndpoints(round.snapshot, service, virtual.port).filter((one) => service.spec?.internalTrafficPolicy !== 'Local' || one.node === node)
    // kube-proxy passes an endpoint over that lacks the port.
    .flatMap(({ ip, port }) => (port === undefined ? [] : `${ip}:${port}`)))].sort()
  const before = await serviceRules(round, node, virtual)
  const evidence: Evidence[] = [{ witness: 'kube-proxy', command: rulesCommand(round, node, virtual), observed: plainLine(`on ${node}: ${describeRules(before)}`, 400), expected: `an even share for each of ${expected.join(', ') || 'no endpoint'}` }]
  if (expected.length === 0) return { node, evidence, expected, fault: before.end === 'balanced' ? 'the rules lead somewhere, though no endpoint is meant for this node' : undefined }
  if (before.end !== 'balanced') return { node, evidence, expected, ...await absence(round, node, before) }
  const fault = rulesFault(before, expected)
  if (fault !== undefined || virtual.protocol !== 'TCP') return { node, evidence, expected, fault }
  const used = await usedBy(round, { node, virtual, before, expected })
  return { node, evidence: [...evidence, ...used.evidence], expected, fault: used.fault, passing: true }
}

/** Missing or refusing rules. Where the Service has not even a chain, kube-proxy never wrote any; where the cluster's own first Service has none, the whole table is gone. */
async function absence(round: Round, node: string, { end, where }: ServiceRules): Promise<{ fault: string; proxy: boolean }> {
  if (end === 'refused') return { fault: 'the rules still refuse, although there are endpoints', proxy: false }
  const proxy = where === ''
  const known = serviceOf(round.snapshot, 'default', 'kubernetes')
  const ip = known && clusterIpOf(known)
  const unknown = proxy ? 'kube-proxy has written nothing for it' : 'no rule knows the address'
  if (ip === undefined) return { fault: unknown, proxy }
  const other = await serviceRules(round, node, { ip, port: known?.spec?.ports?.[0]?.port ?? 443, protocol: 'TCP' })
  if (other.end === 'missing') return { fault: 'kube-proxy has written no rules at all: those of Service default/kubernetes are missing too', proxy: true }
  return { fault: `${unknown}, while ${proxy ? 'the rules' : 'those'} of Service default/kubernetes are there`, proxy }
}

/** The kernel forgets a connection at the reset that refuses it (nf_conntrack_proto_tcp): where each endpoint refuses by itself, the rules led there all the same. */
async function refusedBehind(round: Round, node: string, expected: readonly string[], before: Evidence[]): Promise<{ fault: string | undefined; evidence: Evidence[] }> {
  const direct = await Promise.all(expected.map(async (target) => ({ target, end: (await round.batcher.ask(node, { kind: 'tcp', from: { node: true }, target, count: 1, parallel: 1, timeoutMs: connectMs })).class })))
  const evidence: Evidence[] = [...before, { witness: 'client', command: placed(round.view, node, `nc -zv ${expected[0]?.replace(':', ' ') ?? ''}`), observed: `from ${node}, directly: ${direct.map(({ target, end }) => `${target} ${end}`).join(', ')}`, expected: 'refused, as through the Service' }]
  const answers = direct.find(({ end }) => end !== 'REFUSED')
  return { evidence, fault: answers && `the rules are there, but connections are refused, and ${answers.target} itself does not refuse (${answers.end})` }
}

/** Opens connections from the node itself and looks whether they went through the rules. */
async function usedBy(round: Round, { node, virtual, before, expected }: { node: string; virtual: Virtual; before: ServiceRules; expected: readonly string[] }): Promise<{ fault: string | undefined; evidence: Evidence[] }> {
  const target = `${virtual.ip}:${virtual.port}`
  const [{ connections, table }, paths] = await Promise.all([
    round.batcher.ask(node, { kind: 'tcp', from: { node: true }, target, count: probes, parallel: probes, timeoutMs: connectMs }),
    controlPaths(round, node, [node]),
  ])
  if (before.sent !== undefined) {
    const rise = ((await serviceRules(round, node, virtual)).sent ?? 0) - before.sent
    const evidence = { witness: 'counter', command: rulesCommand(round, node, virtual), observed: `on ${node}: ${rise} packets more in ${before.where}`, expected: `at least the ${probes} connections opened now` }
    return { evidence: [evidence, ...controlEvidence(paths)], fault: rise >= probes ? undefined : `the rules are there, but ${probes} connections raised their counters by ${rise}: something else takes the packets` }
  }
  const translated = connections.flatMap(({ local, sentFrom }) => table.entryFor(local ?? sentFrom ?? '', target) ?? []).map(({ reply }) => `${reply.src}:${reply.sport}`)
  const evidence = { witness: 'conntrack', command: `hoplab shell toolbox/${node}, then: conntrack -L -p tcp --orig-dst ${virtual.ip}`, observed: `on ${node}: ${translated.length} of ${probes} connections translated, to ${[...new Set(translated)].sort().join(', ') || 'nothing'}`, expected: `only ${expected.join(', ')}` }
  const all = [evidence, ...controlEvidence(paths)]
  if (translated.length === 0 && connections.every((one) => one.class === 'REFUSED')) return refusedBehind(round, node, expected, all)
  if (translated.length === 0) return { evidence: all, fault: `the rules are there, but the kernel translated none of ${probes} connections` }
  const stranger = translated.find((endpoint) => !expected.includes(endpoint))
  return { evidence: all, fault: stranger && `the rules are there, but the kernel sent a connection to ${stranger}` }
}
