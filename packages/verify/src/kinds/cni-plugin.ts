import { plainLine } from '@hoplab/core'
import { rollOutOf } from '@hoplab/kube'
import type { Evidence } from '@hoplab/model'
import { askUntil } from '../probes/ask-until.ts'
import { controlEvidence, controlPaths } from '../probes/control.ts'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { inNode, nodesAt, onNode } from '../scene/node-place.ts'
import { podOrigin } from '../scene/origin.ts'
import { controlNamespace } from '../scene/snapshot.ts'
import { isIn } from '../witness/ranges.ts'
import { type CniConfig, configFolder, configsOn } from '../witness/cni-config.ts'
import { FreshPod } from '../witness/fresh-pod.ts'
import { devicesOn } from '../witness/tunnel.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/**
 * `cni-plugin`: the node's word (Ready), its files (one configuration, of the right plugin), its devices, the agent's roll-out, and a Pod made during the
 * look on each node: it gets an address from the plugin's range and answers. Control: that node's control Pod, which is asked at the same time.
 * Known false pass: Pods that were there before keep working when the configuration is gone, or another sorts before it. Known false
 * fail: a node that has just joined, which the fresh Pod waits for. A new Pod changes its node a little: the reference bridge plugin, which Flannel
 * uses, turns the node's ip_forward on again (seen here), so where that is checked too this check should need that one.
 */
export const cniPlugin: CheckKind<'cni-plugin'> = {
  async look(spec, round) {
    const nodes = nodesAt(round, spec.nodes)
    const conditions = await requireReady(round, nodes)
    const views = await Promise.all(nodes.map(async (node) => ({ node, configs: await configsOn(round, node), devices: await devicesOn(round, node) })))
    const evidence = [...conditions, ...views.flatMap((view) => filesEvidence(round, view))]
    for (const view of views) requirePlugin(round, view, evidence)
    evidence.push(await requireAgent(round, evidence))
    // All of them end before one's failure counts: each removes its Pod first.
    const ends = await Promise.allSettled(nodes.map((node) => tryFresh(round, node, spec.within * 1_000)))
    const fresh = ends.map((end) => { if (end.status === 'rejected') throw end.reason; return end.value })
    evidence.push(...fresh.flatMap((one) => one.evidence))
    const dead = fresh.find(({ fault }) => fault !== undefined)
    if (dead?.fault !== undefined) throw new NotMet(dead.fault, evidence, `CNI plugin on ${dead.node}`, dead.late ? longestStartMs : undefined, { late: dead.late === true })
    const { plugin } = round.view.networkFacts
    return { state: 'green', nodes: [], evidence, why: `${nodes.join(', ')} use ${plugin} alone, and a Pod made now on each gets an address and answers.` }
  },
}

/** A kubelet tells a change of its state with its next report, ten seconds apart at most (nodeStatusUpdateFrequency); a node that is broken for good still is after this many milliseconds. */
const reportMs = 12_000

async function requireReady(round: Round, nodes: readonly string[]): Promise<Evidence[]> {
  const found = await round.view.kube.list({ apiVersion: 'v1', kind: 'Node' }, round.deadline)
  return nodes.map((name) => {
    const status = found.find(({ metadata }) => metadata.name === name)?.status as { conditions?: { type: string; status: string; message?: string }[] } | undefined
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')
    const unavailable = status?.conditions?.find(({ type, status: is }) => type === 'NetworkUnavailable' && is === 'True')
    const observed = plainLine(ready ? `${name}: Ready ${ready.status}${ready.status === 'True' ? '' : `, ${ready.message ?? ''}`}${unavailable ? ', NetworkUnavailable' : ''}` : `${name} has no Ready condition`, 240)
    const evidence: Evidence = { witness: 'api', command: `hoplab kubectl describe node ${name}`, observed, expected: `${name}: Ready True` }
    if (ready?.status !== 'True' || unavailable) throw new NotMet(`Node ${observed}.`, [evidence], `node ${name}`, reportMs)
    return evidence
  })
}

interface View { node: string; configs: CniConfig[]; devices: string[] }

function filesEvidence(round: Round, { node, configs, devices }: View): Evidence[] {
  const { plugin } = round.view.networkFacts
  return [
    { witness: 'files', command: inNode(round.view, node, `ls ${configFolder}`), observed: plainLine(`${node}: ${configs.map(({ file, plugin: type }) => `${file} (${type ?? 'not readable'})`).join(', ') || 'no configuration'}`, 200), expected: `one, of ${plugin}` },
    { witness: 'device', command: onNode(round.view, node, 'ip -br link'), observed: plainLine(`${node}: ${devices.filter((device) => !/^(?:veth|cali|eni)/u.test(device)).join(', ')}`, 200), expected: ownDevices(round).join(', ') || 'no device of another plugin' },
  ]
}

/** Devices by which plugins are known. tunl0 is none: the kernel makes it in every namespace once the module is there. */
const knownDevices = ['flannel.1', 'cni0', 'vxlan.calico', 'weave', 'vxlan-6784']

const ownDevices = ({ view: { networkFacts: { bridge, overlay, overlayBetweenSubnets } } }: Round): string[] => [bridge, (overlay ?? overlayBetweenSubnets)?.device].filter((device) => device !== undefined)

function requirePlugin(round: Round, { node, configs, devices }: View, evidence: Evidence[]): void {
  const { plugin } = round.view.networkFacts
  const hop = `CNI plugin on ${node}`
  const [first, ...others] = configs
  if (!first) throw new NotMet(`${node} has no network configuration in ${configFolder}: Pods that run keep their networks, new ones get none.`, evidence, hop)
  if (first.plugin !== plugin) throw new NotMet(`On ${node} ${plainLine(first.file, 80)} sorts first and ${first.plugin === undefined ? 'cannot be loaded' : `makes ${plainLine(first.plugin, 40)} the plugin of new Pods`}, not ${plugin}.`, evidence, hop)
  if (others[0]) throw new NotMet(`On ${node} ${plainLine(others.map(({ file }) => file).join(', '), 120)} lies beside the configuration of ${plugin}; only one may be there.`, evidence, hop)
  const lacking = ownDevices(round).find((device) => !devices.includes(device))
  if (lacking !== undefined) throw new NotMet(`${node} has no device ${lacking}, which ${plugin} makes.`, evidence, `${lacking} on ${node}`)
  const foreign = knownDevices.find((device) => devices.includes(device) && !ownDevices(round).includes(device))
  if (foreign !== undefined) throw new NotMet(`${node} still has ${foreign}, a device of another plugin.`, evidence, hop)
}

async function requireAgent(round: Round, evidence: Evidence[]): Promise<Evidence> {
  const { agent, cni } = round.view.networkFacts
  const found = await round.view.kube.get({ apiVersion: 'apps/v1', kind: 'DaemonSet', ...agent }, round.deadline)
  const { wanted: scheduled, ready } = found ? rollOutOf(found) : { wanted: 0, ready: 0 }
  const wanted = round.view.nodes.length
  const one: Evidence = { witness: 'api', command: `hoplab kubectl -n ${agent.namespace} get daemonset ${agent.name}`, observed: found ? `${ready} ready of ${scheduled}` : 'no such DaemonSet', expected: `${wanted} ready of ${wanted}` }
  if (ready !== wanted || scheduled !== wanted) throw new NotMet(found ? `The agent of ${cni} (DaemonSet ${agent.namespace}/${agent.name}) is ready on ${ready} of ${wanted} nodes.` : `The agent of ${cni} is gone: there is no DaemonSet ${agent.namespace}/${agent.name}.`, [...evidence, one])
  return one
}

/** Longest a fresh Pod is waited for, in milliseconds; measured here: 1 to 3 s, on two busy cores. */
const longestStartMs = 10_000

interface Tried { node: string; evidence: Evidence[]; fault?: string; /** It may only be slow: another Pod gets a try. */ late?: boolean }

async function tryFresh(round: Round, node: string, patienceMs: number): Promise<Tried> {
  await using fresh = await FreshPod.make(round, node)
  const [start, paths] = await Promise.all([fresh.started(Math.min(patienceMs, longestStartMs), round.deadline), controlPaths(round, node, [node])])
  const command = `hoplab kubectl -n ${controlNamespace} get events`
  if ('why' in start) return { node, late: true, evidence: [{ witness: 'fresh Pod', command, observed: `${node}: ${start.why}`, expected: 'it runs and has an address' }, ...controlEvidence(paths)], fault: `A Pod made now on ${node} does not get to run (${start.why}), though older ones do.` }
  const address = start.pod.status?.podIP ?? ''
  round.nobodies.taken(address)
  const ended = await answerOf(round, node, start.pod)
  const answered = ended === 'OK'
  const evidence: Evidence[] = [{ witness: 'fresh Pod', command, observed: plainLine(`${node}: has ${address}, ${answered ? 'answers' : `does not answer (${ended})`}`, 160), expected: `an address in ${round.view.networkFacts.podSubnet}, and an answer` }, ...controlEvidence(paths)]
  if (!isIn(address, round.view.networkFacts.podSubnet)) return { node, evidence, fault: `A Pod made now on ${node} gets the address ${plainLine(address, 40)}, which is not in ${round.view.networkFacts.podSubnet}.` }
  return answered ? { node, evidence } : { node, evidence, fault: `A Pod made now on ${node} runs with the address ${plainLine(address, 40)} and does not answer its node's control Pod.` }
}

/** Longest a fresh Pod that runs is waited for until it listens, in milliseconds: one second was not enough here beside two other clusters that came up. */
const longestListenMs = 5_000

/** How a question to the Pod ended. Running is said before the server listens: asked until it answers, or for some seconds. */
async function answerOf(round: Round, node: string, server: Pod): Promise<string> {
  const control = round.snapshot.pods.find((pod) => pod.metadata.namespace === controlNamespace && pod.spec?.nodeName === node && pod.metadata.ownerReferences !== undefined)
  const from = control ? podOrigin(control).from : { node: true } as const
  let ended = ''
  await askUntil(round.deadline, longestListenMs, async () => {
    const { connections: [connection] } = await round.batcher.ask(node, { kind: 'http', from, target: `${server.status?.podIP}:8080`, count: 1, parallel: 1, timeoutMs: 1_000 })
    const own = connection?.server?.nonce === connection?.nonce && connection?.server?.pod === server.metadata.name
    ended = connection?.class === 'OK' && !own ? 'somebody else answers' : connection?.class ?? 'nothing was asked'
    return ended === 'OK'
  })
  return ended
}
