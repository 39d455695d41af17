import type { CniName, FaultAction } from '@hoplab/model'
import { HOP_FAULT_NOT_OFFERED } from '../errors.ts'
import { cannot, type FaultPlan, type FaultScene, type Mutation, nodeSays, nodesMeant, onNode, word } from './mutation.ts'
import { restored } from './netfilter.ts'
import { forgetUnanswered } from './unanswered-records.ts'

/**
 * Chain of table nat to which POSTROUTING jumps with what Pods send to the outside. `keeper`: the program that puts a jump that is gone back within a
 * second of looking (measured here), so it is stopped as long as the fault is in; its Pod stays ready.
 */
const jumps: Partial<Record<CniName, { chain: string; keeper?: string }>> = {
  flannel: { chain: 'FLANNEL-POSTRTG', keeper: 'flanneld' },
  routes: { chain: 'ROUTES-MASQ' },
}

/** Traffic of Pods to the outside keeps the Pod's address. */
export const masqueradeOff: Mutation<'masquerade-off'> = {
  layer: 'node',
  async plan({ node }, scene) {
    const { cni } = scene.network
    if (cni === 'calico') return poolsUnmasked(node, scene)
    const jump = jumps[cni]
    if (!jump) throw HOP_FAULT_NOT_OFFERED({ where: scene.where, lacks: `masquerading whose place is known (CNI ${cni})` })
    const plans = await Promise.all(nodesMeant(node, scene).map((one) => jumpRemoved(one, jump, scene)))
    return { do: plans.flatMap((plan) => plan.do), undo: plans.flatMap((plan) => plan.undo) }
  },
}

async function jumpRemoved(node: string, { chain, keeper }: { chain: string; keeper?: string }, scene: FaultScene): Promise<FaultPlan> {
  const rules = (await nodeSays(node, 'iptables -w -t nat -S POSTROUTING', scene)).split('\n').filter((line) => line.startsWith('-A '))
  const at = rules.findIndex((rule) => rule.endsWith(`-j ${chain}`))
  const rule = rules[at]
  if (rule === undefined) throw cannot(scene, 'turn masquerading off', `Node ${node} has no jump to ${chain}.`)
  const body = rule.replace('-A POSTROUTING ', '')
  const there = `iptables -w -t nat -S POSTROUTING | grep -qF -- ${word(`-j ${chain}`)}`
  const tell = (signal: string): string => (keeper === undefined ? '' : `kill -${signal} $(pgrep -x ${keeper})\n`)
  return {
    do: [onNode(node, `${tell('STOP')}if ${there}; then ${restored(`-D POSTROUTING ${body}`)}; fi`)],
    undo: [onNode(node, `if ! ${there}; then ${restored(`-I POSTROUTING ${at + 1} ${body}`)}; fi\n${tell('CONT')}`.trimEnd()), forgetUnanswered(node)],
  }
}

/** Felix writes the rule from the pools of addresses, which all nodes share; so it is the pools that are changed, and Felix that is waited for. */
async function poolsUnmasked(node: string | undefined, scene: FaultScene): Promise<FaultPlan> {
  if (node !== undefined) throw HOP_FAULT_NOT_OFFERED({ where: scene.where, lacks: 'masquerading of one node alone (Calico has it per pool of addresses)' })
  const kind = { apiVersion: 'crd.projectcalico.org/v1', kind: 'IPPool' }
  const pools = (await scene.cluster.kube.list(kind, scene.deadline)).filter((pool) => (pool.spec as { natOutgoing?: boolean } | undefined)?.natOutgoing === true)
  if (pools.length === 0) throw cannot(scene, 'turn masquerading off', 'No pool of addresses is masqueraded.')
  const patched = (natOutgoing: boolean): FaultAction[] => pools.map(({ metadata: { name } }) => ({ act: 'patch', ref: { ...kind, name }, value: { spec: { natOutgoing } } }))
  const everywhere = (rule: 'gone' | 'back'): FaultAction[] => nodesMeant(undefined, scene).map((name) => onNode(name, untilRule(rule)))
  return { do: [...patched(false), ...everywhere('gone')], undo: [...patched(true), ...everywhere('back'), ...nodesMeant(undefined, scene).map((name) => forgetUnanswered(name))] }
}

/** At most ten seconds; Felix takes a fraction of one. */
const untilRule = (state: 'gone' | 'back'): string => [
  'tries=0', `${state === 'gone' ? 'while' : 'until'} iptables -w -t nat -S cali-nat-outgoing | grep -q -- '-j MASQUERADE'; do`, '  tries=$((tries + 1)); [ "$tries" -lt 100 ] || exit 1; sleep 0.1', 'done',
].join('\n')
