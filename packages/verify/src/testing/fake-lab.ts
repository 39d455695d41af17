import { type Clock, Deadline, defineError, systemClock } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import { FakeKube, fakeTypes } from '@hoplab/kube/testing'
import type { Answers, CheckResult, NetworkFacts, NodeFacts } from '@hoplab/model'
import { checkSpecWith } from '@hoplab/model'
import type { OutsideKind } from '../kinds/define.ts'
import type { LabView, NodeShell } from '../port.ts'
import { createVerifier } from '../verifier.ts'
import { FakeCni } from './fake-cni.ts'
import { FakeKernel } from './fake-kernel.ts'
import { FakeIngress } from './fake-ingress.ts'
import { fakeOutside, fakeOutsideAddress } from './fake-outside.ts'
import { FakeNetwork } from './fake-network.ts'
import { probeAndRecords } from './fake-probe.ts'
import { FakeRules } from './fake-rules.ts'
import { FakeProxy } from './fake-proxy.ts'
import { FakeRuntime, runningAs } from './fake-runtime.ts'
import { FakeWire } from './fake-wire.ts'
import { isReadings, printReadings } from './fake-readings.ts'
import { IdleClock } from './idle-clock.ts'

/** Gives Services their addresses, as the API server does. */
class AllocatingKube extends FakeKube {
  #next = 1
  /** What the kubelet makes of a Pod that was created. */
  started = (pod: KubeObject): KubeObject => pod
  override create(object: KubeObject, deadline: Deadline): Promise<KubeObject> {
    if (object.kind === 'Pod') return super.create(this.started(object), deadline)
    return super.create(object.kind === 'Service' ? { ...object, spec: { clusterIP: `10.96.9.${this.#next++}`, ...(object.spec as object) } } : object, deadline)
  }
}

/** What a program printed in a fake toolbox. */
export interface Printed { exitCode: number; stdout: string; stderr: string }

const noProgram: Printed = { exitCode: 127, stdout: '', stderr: 'No such file or directory' }

const toolboxGone = defineError<{ node: string }>('HOP_TOOLBOX_GONE', {
  exitCode: 3, what: (p) => `The toolbox of ${p.node} is gone.`, why: 'The fake was told so.', fix: 'Do not tell it so.', state: 'Nothing changed.',
})

/** A Pod to put into the lab. */
export interface FakePod {
  name: string
  node: string
  ip: string
  namespace?: string
  labels?: Record<string, string>
  image?: string
  command?: string[]
  hostNetwork?: boolean
  ready?: boolean
  terminating?: boolean
  waiting?: string
  /** @default main */
  containers?: string[]
  /** Of each container. */
  readinessProbe?: object
}

/** One lab in memory: API objects, packets, and toolboxes whose programs print what the real ones print. */
export class FakeLab implements LabView {
  readonly kube = new AllocatingKube()
  readonly namespaces = ['lab']
  readonly trustedImages = ['hoplab/echo:1']
  networkFacts: NetworkFacts = {
    cni: 'flannel', networkPolicy: false, bridge: 'cni0', plugin: 'flannel', ipam: 'per-node', agent: { namespace: 'kube-flannel', name: 'kube-flannel-ds' },
    overlay: { kind: 'vxlan', device: 'flannel.1', port: 8472, vni: 1, overhead: 50 }, proxyMode: 'iptables', podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16',
  }
  readonly nodes: NodeFacts[] = [
    { name: 'k', role: 'control-plane', address: '172.20.0.2' }, { name: 'a', role: 'worker', address: '172.20.0.3' }, { name: 'b', role: 'worker', address: '172.20.0.4' },
  ]
  /** Ways in and out; a lab without them has none to check. */
  outside = fakeOutside
  readonly network: FakeNetwork
  readonly rules = new FakeRules(this.kube)
  /** What the kernels of the nodes are set to. */
  readonly kernel = new FakeKernel(this)
  /** Containers and processes of the nodes. */
  readonly runtime: FakeRuntime
  /** The CNI plugin and its files. */
  readonly cni: FakeCni
  /** What kube-proxy says of itself. */
  readonly proxy: FakeProxy
  /** The Ingress controller. */
  readonly ingress = new FakeIngress(this)
  /** What captures see. */
  readonly wire: FakeWire
  /** Nodes whose kube-proxy writes nothing any more. */
  readonly lateProxies = new Set<string>()
  readonly goneToolboxes = new Set<string>()
  /** How long nodes let their control Pods wait for a processor, in milliseconds. */
  readonly lateWakes = new Map<string, number>()
  /** Names DNS knows, without the cluster suffix. `undefined` = DNS is down. */
  names: Map<string, string[]> | undefined = new Map([['kubernetes.default', ['10.96.0.1']]])
  /** Records of other types by `TYPE name`, fully qualified: `SRV _http._tcp.hello.lab.svc.cluster.local.`. */
  readonly records = new Map<string, { name?: string; type?: string; data: string }[]>()
  /** Answers of single name servers, by `ip:port` and name; a server not listed answers like the rest. `undefined` = it does not answer. */
  readonly servers = new Map<string, Map<string, string[]> | undefined>()
  /** What DNS says to every other name, by type: a wildcard of some zone. */
  readonly wildcard = new Map<string, string[]>()
  /** Transports over which no DNS answer comes. */
  readonly deafTo = new Set<string>()
  /** Whether the answer to the lab's so many-th DNS question, from 0, gets lost. */
  losesAnswer: (question: number) => boolean = () => false
  /** DNS questions that were put so far. */
  questions = 0
  /** How long answers to this Pod take, in milliseconds: who waits less gets none. */
  readonly answersAfterMs = new Map<string, number>()
  /** Answers over UDP are cut. */
  truncated = false
  /** Seconds that DNS answers may be kept. */
  ttl = 30
  /** The load balancer and the Ingress controller do at once as the API says. */
  paceMs = 0
  /** Last word on what a program prints. */
  rewrite: (node: string, argv: readonly string[], printed: Printed) => Printed = (_node, _argv, printed) => printed
  /** The clock of verifications: its time passes only while everybody waits, so a slow machine changes no verdict. */
  readonly clock = new IdleClock()
  /** How long a program takes, in milliseconds of the verification's clock. */
  takes: (node: string, argv: readonly string[]) => number = () => 0
  /** Every exec: `a hoplab-probe`. */
  readonly execs: string[] = []

  constructor() {
    this.kube.types = [...fakeTypes, { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', namespaced: true, verbs: ['list'] }]
    for (const name of ['lab', 'hoplab-control']) this.kube.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    this.runtime = new FakeRuntime(this.kube, (pod) => this.network.podMtu(pod))
    this.proxy = new FakeProxy(this.kube)
    this.network = new FakeNetwork(this.kube, (node) => this.nodes.find(({ name }) => name === node)?.address ?? fakeOutsideAddress(node))
    this.wire = new FakeWire(this.kube, this.nodes, this.network, () => this.networkFacts)
    this.cni = new FakeCni(this.kube, this.nodes, () => this.networkFacts)
    this.kube.started = (pod) => this.cni.started(pod)
    for (const [index, { name }] of this.nodes.entries()) this.pod({ name: `control-${name}`, namespace: 'hoplab-control', node: name, ip: `10.244.${index}.2` })
  }

  /** Puts a Pod; Running and Ready unless told otherwise. */
  pod({ name, node, ip, namespace = 'lab', labels = {}, image = 'hoplab/echo:1', command, hostNetwork, ready = true, terminating, waiting, containers = ['main'], readinessProbe }: FakePod): KubeObject {
    const owner = namespace === 'hoplab-control' ? { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'control', uid: 'ds', controller: true }] } : {}
    return this.kube.put({
      apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels, ...owner, ...(terminating ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
      spec: { nodeName: node, containers: containers.map((container) => ({ name: container, image, ...(command ? { command } : {}), ...(readinessProbe ? { readinessProbe } : {}) })), ...(hostNetwork ? { hostNetwork } : {}) },
      status: {
        phase: waiting ? 'Pending' : 'Running', podIP: ip, conditions: [{ type: 'Ready', status: ready && !waiting ? 'True' : 'False' }],
        containerStatuses: containers.map((container) => ({ name: container, ...(waiting ? { state: { waiting: { reason: waiting } } } : runningAs(`${namespace}-${name}-${container}`)) })),
      },
    })
  }

  /** Puts a Service and lets DNS and the EndpointSlice controller see it. */
  service(name: string, address: string, selector: Record<string, string> | undefined, targetPort = 8080, protocol?: 'TCP' | 'UDP'): void {
    this.kube.put({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'lab' }, spec: { clusterIP: address, ports: [{ port: 80, targetPort, ...(protocol ? { protocol } : {}) }], ...(selector ? { selector } : {}) } })
    this.names?.set(`${name}.lab`, [address])
    this.network.syncSlices()
  }

  /** Changes the lab after `ms` of its clock. */
  after(ms: number, change: () => void): void { void this.clock.sleep(ms).then(change) }

  nodeName(position: string): string { return position }
  nobody(sort: 'cluster-ip' | 'pod-ip' | 'gateway' | 'link-local' | 'public'): Promise<string> {
    const taken = new Set([...this.kube.objects.values()].map(({ status }) => (status as { podIP?: string } | undefined)?.podIP))
    return Promise.resolve(sort === 'pod-ip' ? ['10.244.1.250', '10.244.1.249'].find((address) => !taken.has(address)) ?? '10.244.1.248' : '203.0.113.9')
  }

  shell(node: string): NodeShell {
    return {
      node,
      exec: async (argv, { deadline, input }) => {
        deadline.throwIfOver()
        const takes = this.takes(node, argv)
        await (takes > 0 ? deadline.sleep(takes) : new Promise((resolve) => { setTimeout(resolve, 0) }))
        this.execs.push(`${node} ${argv.at(-1) === 'hoplab-probe' ? (input?.includes('/?late=') ? 'late-wake' : 'hoplab-probe') : argv[3] === 'canary' ? 'canary' : argv[0]}`)
        if (this.goneToolboxes.has(node)) throw toolboxGone({ node })
        if (argv[3] === 'canary' && this.lateProxies.has(node)) await deadline.sleep(50)
        return { ...this.rewrite(node, argv, this.#print(node, argv, input ?? '')), durationMs: 1 }
      },
    }
  }

  /**
   * Runs checks written as an author would, of `kinds` too.
   * @param options.clock @default the lab's; the system's where a `signal` may interrupt
   * @param options.forMs bound of it all; @default 600_000
   */
  async verify(checks: readonly WrittenCheck[], options: FakeVerifyOptions = {}): Promise<CheckResult[]> {
    const { kinds = [], forMs = 600_000, signal, clock = signal ? systemClock : this.clock } = options
    using deadline = Deadline.start('test', forMs, { clock, ...(signal ? { signal } : {}) })
    const schema = checkSpecWith(kinds)
    const placed = checks.map((check, index) => {
      const spec = schema.parse({ id: `c${index}`, title: { en: 'x', 'hi-Latn': 'x' }, points: 1, within: 0.5, ...check })
      return { step: 's', title: 'x', spec }
    })
    // Awaited here: the bound ends with this function.
    return await createVerifier({ kinds }).verify(placed, this, { answers: options.answers ?? {}, deadline, ...(options.onResult ? { onResult: options.onResult } : {}) })
  }

  #print(node: string, argv: readonly string[], input: string): Printed {
    const ok = (stdout: string): Printed => ({ exitCode: 0, stdout, stderr: '' })
    if (argv.at(-1) === 'hoplab-probe') return ok(probeAndRecords(this, node, input))
    const traced = this.wire.print(node, argv)
    if (traced) return traced
    const listing = this.rules.print(node, argv, this.networkFacts.proxyMode)
    if (listing !== undefined) return ok(listing)
    if (isReadings(argv)) return ok(printReadings(argv, (program) => this.rewrite(node, program, this.#connections(node, program) ?? this.runtime.print(node, program) ?? this.kernel.print(node, program) ?? this.proxy.print(node, program) ?? this.cni.print(node, program) ?? this.ingress.print(program) ?? noProgram)))
    const listed = this.#connections(node, argv)
    if (listed) return listed
    if (argv[0] === 'ip') return ok(JSON.stringify([{ addr_info: [{ local: this.nodes.find(({ name }) => name === node)?.address, scope: 'global' }, { local: '127.0.0.1', scope: 'host' }] }]))
    const address = /\/\/([^:/]+):/u.exec(argv[4] ?? '')?.[1] ?? ''
    return this.lateProxies.has(node) || !this.network.localEndpoint(node, address) ? { exitCode: 4, stdout: '', stderr: '' } : ok('')
  }

  #connections(node: string, argv: readonly string[]): Printed | undefined {
    return argv[0] === 'conntrack' ? { exitCode: 0, stdout: this.network.conntrack(node, argv[3] === 'udp' ? 'udp' : 'tcp'), stderr: '' } : undefined
  }
}

interface FakeVerifyOptions { answers?: Answers; kinds?: readonly OutsideKind[]; onResult?: (result: CheckResult) => void; clock?: Clock; signal?: AbortSignal; forMs?: number }

/** A check as in lab.yaml; `id`, `title` and `points` are given where left out, and `within` is half a second. */
export interface WrittenCheck { readonly kind: string; readonly [field: string]: unknown }
