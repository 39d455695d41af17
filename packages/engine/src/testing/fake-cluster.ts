import type { Baseline, ClusterProvider, ClusterSpec, Difference, EnsureOptions, FoundCluster, RunningCluster } from '@hoplab/cluster'
import { defineError } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import { FakeKube } from '@hoplab/kube/testing'

const HOP_LAB_NOT_UP = defineError<{ name: string }>('HOP_LAB_NOT_UP', {
  exitCode: 2, what: (p) => `The lab "${p.name}" is not up.`, why: 'No cluster of that name runs.', fix: 'Run "hoplab up".', state: 'Nothing was changed.',
})

/** A cluster without nodes' reality: an object store, toolboxes that record what they were told, and a reset that restores the store. */
export class FakeCluster implements RunningCluster {
  readonly kube = new FakeKube()
  readonly nodes = [{ name: 'n-control-plane', role: 'control-plane', address: '172.20.0.2' }, { name: 'n-worker', role: 'worker', address: '172.20.0.3' }] as const
  readonly kubeconfig = '/nowhere/kubeconfig'
  readonly spec: ClusterSpec
  readonly runId: string
  /** Every command on a node: `n-worker: iptables -t nat …`. */
  readonly commands: string[] = []
  /** What a reset cannot restore; given back by `resetTo`. */
  differences: Difference[] = []
  evidence: string[] = []
  /** What a command on a node says; `input` is what it reads. */
  onNode: (node: string, argv: readonly string[], input: string) => { exitCode: number; stdout: string; stderr: string } = () => ({ exitCode: 0, stdout: '', stderr: '' })

  constructor(spec: ClusterSpec, runId: string) {
    this.spec = spec
    this.runId = runId
    // What the controllers of a real cluster make for every Namespace.
    const { kube } = this
    const apply = kube.apply.bind(kube)
    kube.apply = async (object, deadline) => {
      const applied = await apply(object, deadline)
      if (object.kind === 'Namespace') kube.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: object.metadata.name } })
      return applied
    }
    kube.types = [...kube.types, { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', namespaced: true, verbs: ['list'] }]
  }

  toolbox(node: string): ReturnType<RunningCluster['toolbox']> {
    return { node, exec: async (argv, { input = '' }) => { this.commands.push(`${node}: ${[...argv, ...(input === '' ? [] : [input])].join(' ')}`); return { ...this.onNode(node, argv, input), durationMs: 1 } } }
  }
  nodeName(position: string): string { return position === 'control-plane' ? 'n-control-plane' : 'n-worker' }
  facts(): ReturnType<RunningCluster['facts']> {
    return { name: `hoplab-${this.spec.name}`, kubernetes: 'v1.34.2', kubeProxyMode: this.spec.proxyMode, images: {}, nodes: [...this.nodes] }
  }
  async nobody(): Promise<string> { return '10.96.255.254' }
  async health(): Promise<{ ok: boolean; reasons: string[] }> { return { ok: true, reasons: [] } }
  async takeBaseline(): Promise<Baseline> { return { takenAt: 'now', objects: this.#copy(), nodes: {} } }
  async resetTo(baseline: Baseline): Promise<Difference[]> {
    this.kube.objects.clear()
    for (const object of baseline.objects) this.kube.put(object)
    return this.differences
  }
  async collectEvidence(folder: string): Promise<void> { this.evidence.push(folder) }
  async destroy(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}
  #copy(): KubeObject[] { return structuredClone([...this.kube.objects.values()]) }
}

/** Makes {@link FakeCluster}s and remembers them by name. */
export class FakeProvider implements ClusterProvider {
  readonly name = 'kind'
  readonly clusters = new Map<string, FakeCluster>()
  /** Every call, in order: `ensure demo`. */
  readonly calls: string[] = []
  /** What `list` finds although it was cleaned. */
  leftovers: FoundCluster[] = []
  onEnsure: (spec: ClusterSpec) => void = () => {}
  #made = 0

  async probe(): Promise<{ ready: true }> { return { ready: true } }
  async ensure(spec: ClusterSpec, options?: Pick<EnsureOptions, 'early' | 'deadline'>): Promise<FakeCluster> {
    this.calls.push(`ensure ${spec.name}`)
    this.onEnsure(spec)
    const running = this.clusters.get(spec.name)
    if (running) return running
    const cluster = new FakeCluster(spec, `run-${++this.#made}`)
    this.clusters.set(spec.name, cluster)
    await options?.early?.(cluster.kube, options.deadline)
    return cluster
  }
  async adopt(name: string): Promise<FakeCluster> {
    const found = this.clusters.get(name)
    if (!found) throw HOP_LAB_NOT_UP({ name })
    return found
  }
  async list(): Promise<FoundCluster[]> {
    const up = [...this.clusters].map(([name, cluster]) => ({ name, runId: cluster.runId, state: 'up' as const, containers: [`hoplab-${name}-worker`], networks: [] }))
    return [...up, ...this.leftovers]
  }
  async clean({ name }: { name?: string }): ReturnType<ClusterProvider['clean']> {
    this.calls.push(`clean ${name ?? 'everything'}`)
    if (name === undefined) this.clusters.clear()
    else this.clusters.delete(name)
    return { containers: [], networks: [], processes: [], folders: [] }
  }
}
