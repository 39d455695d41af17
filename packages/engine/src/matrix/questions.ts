import { checkSpec, type CheckSpec, type CniCapabilities } from '@hoplab/model'
import { guardedNamespace } from './scene.ts'

/** One question that every network is asked: the checks of `verify` that answer it together. */
export interface Question {
  id: string
  title: string
  /** `open`: before there is any policy. `denied`, `allowed`: while the policy of that name is in effect. */
  stage: 'open' | 'denied' | 'allowed'
  checks: readonly CheckSpec[]
}

type Written = { kind: CheckSpec['kind'] } & Record<string, unknown>

const positions = ['control-plane', 'worker-1', 'worker-2']
const on = (position: string): object => ({ labels: { on: position } })
const from = (position: string): object => ({ pod: on(position) })
const web = { labels: { app: 'web' } }
const port = 8080
const service = { service: 'web', port: 80, via: 'cluster-ip' }
const [one, stranger] = [{ pod: { name: 'one-a' } }, { pod: { name: 'one-b' } }]
const guarded = { pod: { namespace: guardedNamespace, labels: { app: 'guarded' } }, port }
/** Both ways between the workers. */
const ways = [['worker-1', 'worker-2'], ['worker-2', 'worker-1']] as const

/** The questions in the order of the table. A network that cannot show one says so: its checks name what they need. */
export function questionsFor({ overlay }: CniCapabilities): Question[] {
  return [
    question('same-node', 'Pod to Pod, same node', ['worker-1', 'worker-2'].map((node) => ({ kind: 'mesh', pods: on(node), port, podCount: 2, nodeCount: 1, fromNodes: false }))),
    question('other-node', 'Pod to Pod, another node', ways.map(([here, there]) => ({ kind: 'reach', from: from(here), to: { pod: on(there), port }, count: 2 }))),
    question('node-to-pod', 'node to Pod', positions.map((node) => ({ kind: 'reach', from: { node }, to: { pod: web, port }, count: 2 }))),
    question('cluster-ip', 'Pod and node to ClusterIP', [{ pod: web }, ...positions.map((node) => ({ node }))].map((origin) => ({ kind: 'reach', from: origin, to: service, count: 10 }))),
    question('node-port', 'Pod and node to a NodePort, of their own node and of others', [['worker-1', one], ['worker-2', one], ...positions.map((position) => [position, { node: 'control-plane' }] as const)].map(([node, origin]) => ({ kind: 'reach', from: origin, to: { service: 'web', port: 80, via: 'node-port', node }, count: 8 }))),
    question('hairpin', 'Pod to itself through its Service', [{ kind: 'hairpin', pod: { name: 'one-a' }, to: { service: 'self', port: 80, via: 'cluster-ip' } }]),
    question('dns', 'DNS', [{ kind: 'dns', from: { pod: web }, name: 'web', expect: { clusterIpOf: { service: 'web' } } }, { kind: 'dns', from: one, name: 'web', expect: { clusterIpOf: { service: 'web' } }, servers: 'each', transport: 'both' }]),
    question('source-pod', 'a Pod keeps its address, to Pods and through the ClusterIP', ways.flatMap(([here, there]) => [{ pod: on(there), port }, service].map((to) => ({ kind: 'source', from: from(here), to, expect: 'client-pod' })))),
    question('source-node', 'a node asks from an address of its own', ['worker-1', 'worker-2'].map((node) => ({ kind: 'source', from: { node }, to: { pod: web, port }, expect: 'client-node' }))),
    question('mtu', 'the largest packet and 1 MiB each way', ways.flatMap(([here, there]) => [{ kind: 'mtu', from: from(here), to: on(there) }, { kind: 'transfer', from: from(here), to: { pod: on(there), port }, count: 1 }])),
    question('wire', 'the wire between nodes carries what the network says', [{ kind: 'capture', from: one, to: { pod: on('worker-2'), port }, expect: overlay ? 'overlay' : 'plain' }]),
    question('wire-same-node', 'nothing leaves a node for its own Pods', [{ kind: 'capture', from: one, to: { pod: { name: 'one-b' }, port }, expect: 'nothing' }]),
    question('addresses', 'addresses are unique and from the right ranges', [{ kind: 'addresses', pods: web }]),
    question('routes', 'every node knows the way to every Pod', [{ kind: 'route', to: web }, { kind: 'sysctl' }]),
    question('plugin', 'the plugin and no other is at work', [{ kind: 'cni-plugin' }, { kind: 'kubelet', pods: web }]),
    ...policyQuestions(),
  ]
}

function policyQuestions(): Question[] {
  const requires = ['network-policy']
  const open = { from: one, to: { pod: on('worker-2'), port } }
  const opened = { from: one, to: guarded }
  return [
    question('policy-open', 'without a policy a Pod of another namespace answers', [{ kind: 'reach', ...opened, count: 2 }]),
    question('policy-deny', 'a default-deny policy stops it, and nothing else', [{ kind: 'blocked', ...opened, requires, hold: 2, control: open }], 'denied'),
    question('policy-allow', 'an allow opens it again, to whom it names', [{ kind: 'reach', ...opened, requires, count: 2 }, { kind: 'blocked', from: stranger, to: guarded, requires, hold: 2, control: opened }], 'allowed'),
  ]
}

function question(id: string, title: string, checks: readonly Written[], stage: Question['stage'] = 'open'): Question {
  const both = { en: title, 'hi-Latn': title }
  return { id, title, stage, checks: checks.map((check, index) => checkSpec.parse({ ...check, id: `${id}-${index + 1}`, title: both })) }
}
