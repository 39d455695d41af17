import { Deadline, poll, type Progress, silent } from '@hoplab/core'
import { run } from '@hoplab/core/node'
import type { RunningCluster } from '@hoplab/cluster'
import { kindProvider } from '@hoplab/cluster/kind'
import type { Addon, CniInstaller } from '@hoplab/cni'
import type { InstalledCni } from '@hoplab/cni/testing'
import { flannelInstaller } from '@hoplab/cni/flannel'
import { ensureImages, useOwnEngine } from '@hoplab/images'
import type { KubeObject } from '@hoplab/kube'
import { type Answers, type CheckResult, checkSpec, optionsText, type ProxyMode } from '@hoplab/model'
import type { WrittenCheck } from '@hoplab/verify/testing'
import { createVerifier, type LabView, type NodeShell, type Trace, traceRequest } from '@hoplab/verify'

/** Lab name of every cluster that this package's tests make. */
export const labName = 't-verify'
const namespace = 'live'

/** One real cluster with a client, two servers on different workers and a Service, for the tests of check kinds. */
export class LiveLab implements AsyncDisposable {
  readonly cluster: RunningCluster
  readonly installer: CniInstaller
  readonly #view: LabView
  readonly #image: string

  private constructor(cluster: RunningCluster, installer: CniInstaller, image: string) {
    this.cluster = cluster
    this.installer = installer
    this.#image = image
    this.#view = {
      networkFacts: { cni: installer.name, ...installer.capabilities, proxyMode: cluster.spec.proxyMode, podSubnet: cluster.spec.podSubnet, serviceSubnet: cluster.spec.serviceSubnet },
      kube: cluster.kube, nodes: cluster.nodes, nodeName: (position) => cluster.nodeName(position), shell: (node) => cluster.toolbox(node),
      ...(cluster.outside ? { outside: cluster.outside } : {}),
      namespaces: [namespace], trustedImages: [image], nobody: (sort, deadline) => cluster.nobody(sort, deadline),
    }
  }

  /** Makes the cluster, or takes the running one, and puts the objects; `progress` hears of the making. */
  static async up({ installer = flannelInstaller(), addons = [], proxyMode = 'iptables', progress = silent }: { installer?: CniInstaller; addons?: readonly Addon[]; proxyMode?: ProxyMode; progress?: Progress } = {}): Promise<LiveLab> {
    useOwnEngine()
    using deadline = Deadline.start('bring the test cluster up', 900_000)
    const { echo } = await ensureImages({ source: 'auto', deadline, progress: silent })
    const spec = { name: labName, workers: 2, cni: installer.name, ...(installer.options ? { cniOptions: optionsText(installer.options) } : {}), proxyMode, images: 'auto', podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16', internet: false, addons: addons.map(({ name }) => name) } as const
    const lab = new LiveLab(await kindProvider().ensure(spec, { deadline, progress, network: installer, addons, recreate: true }), installer, echo)
    await lab.cluster.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, deadline)
    await poll(() => lab.cluster.kube.get({ apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace }, deadline), { deadline, until: (found) => found !== undefined })
    await lab.put(...lab.#objects())
    return lab
  }

  /** Creates or changes objects of the lab's namespace; waits for nothing. */
  async put(...objects: KubeObject[]): Promise<void> {
    using deadline = Deadline.start('apply', 200_000)
    for (const object of objects) await this.cluster.kube.apply({ ...object, metadata: { ...object.metadata, namespace } }, deadline)
  }

  /** A Pod of the lab's image; `command` makes it idle or somebody else. */
  pod(name: string, spec: Record<string, unknown> = {}, labels: Record<string, string> = { app: name }, container: Record<string, unknown> = {}): KubeObject {
    return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image: this.#image, ...container }], ...spec } }
  }

  /** A Service of the lab. */
  service(name: string, selector: Record<string, string> | undefined, targetPort: number | string = 8080): KubeObject {
    return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ...(selector ? { selector } : {}), ports: [{ port: 80, targetPort }] } }
  }

  async remove(kind: string, name: string, apiVersion = 'v1'): Promise<void> {
    using deadline = Deadline.start('remove', 200_000)
    const ref = { apiVersion, kind, name, namespace }
    await this.cluster.kube.delete(ref, deadline, { gracePeriodSeconds: 1 })
    await poll(() => this.cluster.kube.get(ref, deadline), { deadline, until: (found) => found === undefined })
  }

  /** Address of the first Pod with label `app`. */
  async addressOf(app: string): Promise<string> {
    using deadline = Deadline.start('find a Pod', 200_000)
    const pods = await this.cluster.kube.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: `app=${app}` }, deadline)
    return pods.flatMap((pod) => (pod.status as { podIP?: string }).podIP ?? [])[0] ?? ''
  }

  /** One request of Pod `client` to `target` (`address:port`) that carries `nonce`, and was answered. */
  async askOnce(target: string, nonce: string): Promise<void> {
    using deadline = Deadline.start('one request', 200_000)
    const pod = await this.cluster.kube.get({ apiVersion: 'v1', kind: 'Pod', name: 'client', namespace }, deadline)
    const probe = { id: 'one', nonce, from: { podUid: pod?.metadata.uid }, kind: 'http', target, timeoutMs: 4_000, count: 1, parallel: 1 }
    const { stdout, stderr } = await this.cluster.toolbox('worker-1').exec(['hoplab-probe'], { deadline, input: JSON.stringify({ batch: 'one', probes: [probe] }) })
    if (!stdout.includes('"OK"')) throw new Error(`client asked ${target}: ${stdout}${stderr}`)
  }

  /** Sets the replicas of a Deployment of kube-system; waits for nothing. */
  scale = (name: string, replicas: number): Promise<void> => this.#patch({ apiVersion: 'apps/v1', kind: 'Deployment', name, namespace: 'kube-system' }, { spec: { replicas } })
  /** Lets kube-proxy run only on nodes with a label that none has, or everywhere again. Gone Pods leave their rules behind. */
  kubeProxy = (where: string | undefined): Promise<void> => this.place({ name: 'kube-proxy', namespace: 'kube-system' }, where)
  /** The same for the control Pods. */
  controlPods = (where: string | undefined): Promise<void> => this.place({ name: 'control', namespace: 'hoplab-control' }, where)

  /** Kills the toolbox container beside a node. */
  async killToolbox(position: string): Promise<void> {
    using deadline = Deadline.start('kill a toolbox', 200_000)
    await run('docker', ['kill', `hoplab-${labName}-toolbox-${position}`], { deadline })
  }

  /** Puts a DaemonSet's Pods nowhere and waits until they are gone, or lets them come back. */
  async place(ref: { name: string; namespace: string }, where: string | undefined): Promise<void> {
    await this.#patch({ apiVersion: 'apps/v1', kind: 'DaemonSet', ...ref }, { spec: { template: { spec: { nodeSelector: { 'hoplab.dev/test': where ?? null } } } } })
    if (where === undefined) return
    using deadline = Deadline.start('wait for Pods to go', 200_000)
    const pods = () => this.cluster.kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: ref.namespace }, deadline)
    await poll(pods, { deadline, until: (found) => !found.some((pod) => pod.metadata.ownerReferences?.some(({ name }) => name === ref.name)) })
  }

  async #patch(ref: { apiVersion: string; kind: string; name: string; namespace: string }, body: object): Promise<void> {
    using deadline = Deadline.start('patch', 200_000)
    await this.cluster.kube.patch(ref, 'merge', body, deadline)
  }

  /** Runs a program on every node's toolbox. */
  async onNodes(argv: string[]): Promise<void> {
    using deadline = Deadline.start(argv[0] ?? '', 200_000)
    for (const { name } of this.cluster.nodes) {
      const { exitCode, stderr } = await this.cluster.toolbox(name).exec(argv, { deadline })
      if (exitCode !== 0) throw new Error(`${argv.join(' ')} on ${name}: ${stderr}`)
    }
  }

  /** Runs checks as an author would write them; `ms` is how long all of them took together. */
  async verify(checks: readonly WrittenCheck[], options: { answers?: Answers; view?: Partial<LabView> } = {}): Promise<{ results: CheckResult[]; ms: number }> {
    using deadline = Deadline.start('verify', 400_000)
    const placed = checks.map((check, index) => ({ step: 's', title: 'x', spec: checkSpec.parse({ id: `c${index}`, title: { en: 'x', 'hi-Latn': 'x' }, points: 1, ...check }) }))
    const start = performance.now()
    const results = await createVerifier().verify(placed, { ...this.#view, ...options.view }, { answers: options.answers ?? {}, deadline })
    return { results, ms: performance.now() - start }
  }

  /** Traces one request; `beforeAsking` runs while everything is being watched, just before the request is sent. */
  async trace(from: string, to: string, beforeAsking: () => Promise<void> = () => Promise.resolve()): Promise<Trace> {
    using deadline = Deadline.start('trace', 200_000)
    const shell = (node: string): NodeShell => {
      const inner = this.#view.shell(node)
      return { node, exec: async (argv, options) => {
        if (argv[3] === 'hoplab-trace' && argv[2]?.includes('X-Hoplab-Nonce')) await beforeAsking()
        return inner.exec(argv, options)
      } }
    }
    return traceRequest({ ...this.#view, shell }, from, to, deadline)
  }

  /** The cluster as the contract of installed CNIs takes it. */
  asInstalled(): InstalledCni {
    const { kube, nodes, spec } = this.cluster
    return {
      installer: this.installer, kube, nodes: nodes.map((node) => node.name), podSubnet: spec.podSubnet, images: this.cluster.facts().images,
      onNode: (node, script) => this.onNode(node, ['sh', '-ec', script]),
    }
  }

  /** What a program prints in the toolbox of one node; its bound only ends what hangs (72 MiB through Weave's sleeve took more than 20 s on a starved machine). */
  async onNode(position: string, argv: string[]): Promise<string> {
    using deadline = Deadline.start(argv[0] ?? '', 200_000)
    const { exitCode, stdout, stderr } = await this.cluster.toolbox(this.cluster.nodeName(position)).exec(argv, { deadline })
    if (exitCode !== 0) throw new Error(`${argv.join(' ')} on ${position}: ${stderr}`)
    return stdout
  }

  async [Symbol.asyncDispose](): Promise<void> {
    using deadline = Deadline.start('remove the test cluster', 300_000)
    await this.cluster.destroy(deadline)
    await this.cluster[Symbol.asyncDispose]()
  }

  #objects(): KubeObject[] {
    const apart = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'hello' } } }] } }
    const readinessProbe = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1, failureThreshold: 1 }
    const template = { metadata: { labels: { app: 'hello' } }, spec: { terminationGracePeriodSeconds: 1, affinity: apart, containers: [{ name: 'hello', image: this.#image, readinessProbe }] } }
    return [
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'hello' }, spec: { replicas: 2, selector: { matchLabels: { app: 'hello' } }, template } },
      this.service('hello', { app: 'helo' }, 8081),
      this.pod('client', { nodeName: this.cluster.nodeName('worker-1') }, { app: 'client' }, { command: ['sleep', 'infinity'] }),
    ]
  }
}
