import type { KubeObject } from '@hoplab/kube'
import type { FakeKube } from '@hoplab/kube/testing'
import type { NetworkFacts, NodeFacts } from '@hoplab/model'
import type { Printed } from './fake-lab.ts'

/** The network's plugin on every node of a fake lab, as the API and the nodes' files show it, and what its plugin does for new Pods. */
export class FakeCni {
  readonly #kube: FakeKube
  readonly #nodes: readonly NodeFacts[]
  readonly #files = new Map<string, Map<string, string>>()
  /** Addresses of new Pods on a node, unlike the next free one of its range; undefined = the plugin fails. */
  readonly gives = new Map<string, string | undefined>()
  #next = 200
  readonly #facts: () => NetworkFacts

  constructor(kube: FakeKube, nodes: readonly NodeFacts[], facts: () => NetworkFacts) {
    this.#kube = kube
    this.#nodes = nodes
    this.#facts = facts
    for (const { name } of nodes) this.ready(name, 'True')
    this.agent(nodes.length)
  }

  /** Network configurations of one node by file name. */
  files(node: string): Map<string, string> {
    const known = this.#files.get(node)
    if (known) return known
    const { cni, plugin } = this.#facts()
    const fresh = new Map([[`10-${cni}.conflist`, JSON.stringify({ name: cni, cniVersion: '0.3.1', plugins: [{ type: plugin }, { type: 'portmap' }] })]])
    this.#files.set(node, fresh)
    return fresh
  }

  /** The node's word. */
  ready(node: string, status: 'True' | 'False', message = 'kubelet is posting ready status'): void {
    const range = `10.244.${this.#nodes.findIndex(({ name }) => name === node)}.0/24`
    this.#kube.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: node }, spec: { podCIDR: range, podCIDRs: [range] }, status: { conditions: [{ type: 'NetworkUnavailable', status: 'False' }, { type: 'Ready', status, message }] } })
  }

  /** The agent's roll-out. */
  agent(numberReady: number): void {
    this.#kube.put({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: this.#facts().agent, status: { desiredNumberScheduled: this.#nodes.length, currentNumberScheduled: this.#nodes.length, updatedNumberScheduled: this.#nodes.length, numberReady } })
  }

  /** What becomes of a Pod that was placed on a node: it runs, or the kubelet says why not. */
  started(pod: KubeObject): KubeObject {
    const { nodeName = '', containers = [] } = (pod.spec ?? {}) as { nodeName?: string; containers?: { name: string }[] }
    const index = this.#nodes.findIndex(({ name }) => name === nodeName)
    const podIP = this.gives.has(nodeName) ? this.gives.get(nodeName) : `10.244.${index}.${this.#next++}`
    if (podIP !== undefined) return { ...pod, status: { phase: 'Running', podIP, conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: containers.map(({ name }) => ({ name, state: { running: {} } })) } }
    this.#kube.put({ apiVersion: 'v1', kind: 'Event', metadata: { name: `${pod.metadata.name}.1`, namespace: pod.metadata.namespace ?? '' }, type: 'Warning', reason: 'FailedCreatePodSandBox', message: 'failed to find plugin "flannel"', involvedObject: { name: pod.metadata.name } })
    return { ...pod, status: { phase: 'Pending', containerStatuses: containers.map(({ name }) => ({ name, state: { waiting: { reason: 'ContainerCreating' } } })) } }
  }

  /** What a program prints on a node; undefined when it asks for nothing of the plugin's. */
  print(node: string, argv: readonly string[]): Printed | undefined {
    if (!argv.at(-1)?.includes('/etc/cni/net.d')) return undefined
    const lines = [...this.files(node)].map(([file, content]) => `${btoa(file)} ${btoa(content)}\n`)
    return { exitCode: 0, stdout: `${lines.join('')}end\n`, stderr: '' }
  }
}
