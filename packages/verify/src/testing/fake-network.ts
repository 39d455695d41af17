import type { FakeKube } from '@hoplab/kube/testing'
import type { ProbeClass, ProbeFrom } from '../probes/request.ts'
import type { EndpointSlice, Pod, Service } from '../scene/kube-shapes.ts'
import { clusterIpOf, endpointsOf, selectedBackends } from '../scene/services.ts'
import { outsideMachines } from '@hoplab/model'
import type { Tuple } from '../probes/conntrack.ts'
import { fakeOutside } from './fake-outside.ts'

/** What became of one connection. */
export interface FakeConnection { class: ProbeClass; local: string; status?: number; body?: Record<string, unknown> }

/** What is wrong, or unusual, with the network. */
export interface Weather {
  /** `worker-a>worker-b`: packets that way are lost. */
  brokenPaths: Set<string>
  /** `client>server` of Pods whose packets take another way than the broken path between their nodes. */
  waysAside: Set<string>
  /** Pod-to-Pod traffic leaves with the node's address. */
  masqueraded: boolean
  /** Servers hear another address than the kernel kept. */
  serverHears: string | undefined
  /** How many ports clients have; fewer than connections means that later ones take over records. */
  ports: number
  /** Kernels keep no records. */
  untracked: boolean
  /** `namespace/pod` → relative weight as a backend. @default 1 */
  weights: Map<string, number>
  /** Class instead of an answer, by the names of the two Pods (or the client's node); undefined = nothing special. */
  between: (from: string, to: string, protocol: 'tcp' | 'udp') => ProbeClass | undefined
  /** Nodes translate the destination of Pod-to-Pod traffic too: this port answers instead. */
  answersFrom: number | undefined
  /** What becomes of each datagram of a held flow; undefined = whoever answered the first one. */
  flow: (index: number) => { class: ProbeClass; body?: Record<string, unknown> } | undefined
  /** Largest packets in bytes: of Pods' devices (`odd` = by name, unlike the others), of nodes' uplinks and tunnels, and of the way between nodes; `remembered` = what Pods' kernels know of that way. */
  mtu: { pod: number; odd: Map<string, number>; uplink: number; tunnel: number; way: number; remembered: number }
  /** Spoils what goes through: bytes that arrive at the server, and come back; `ends` = how the connection ends then, unless OK. */
  moves: (sent: number, asked: number) => { arrived: number; received: number; spoiltThere: boolean; spoiltBack: boolean; ends?: ProbeClass }
  /** Processes that listen on loopback, by Pod name. */
  local: Map<string, { port: number; container: string; answers?: ProbeClass }[]>
  /** Changes what a server says. */
  says: (pod: string, body: Record<string, unknown>) => Record<string, unknown> | undefined
  /** HTTP status a Pod answers with; undefined = it does not speak HTTP. @default 200 */
  status: (pod: string) => number | undefined
  /** Ports Pods listen on. @default 8080 */
  listening: Map<string, number[]>
  /** What becomes of a Pod's connection to its own node: its class, and who answers in place of the node. @default the kubelet answers at 10250, and nobody elsewhere */
  ownNode: (port: number) => { class: ProbeClass; answersFrom?: string }
  /** Nodes whose NodePorts answer nobody: kube-proxy has not written their rules. */
  closedNodePorts: Set<string>
  /** What becomes of packets to the internet: whether nodes and the gateway replace the source, and whether the host there answers; `keptSeconds` = how long nodes say that they keep what nobody answered. */
  internet: { nodesTranslate: boolean; gatewayTranslates: boolean; answers: boolean; nonce?: string; keptSeconds?: number }
  /** Class of connections to an address that nobody has. */
  nobody: ProbeClass
}

interface FakeRecord { protocol: 'tcp' | 'udp'; original: Tuple; reply: Tuple
  /** Of a connection that nobody answered. @default TIME_WAIT */
  state?: 'SYN_SENT' }

/** Packets between the Pods of a {@link FakeKube}: Services choose backends, nodes translate and keep records. */
export class FakeNetwork {
  readonly weather: Weather = {
    brokenPaths: new Set(), waysAside: new Set(), closedNodePorts: new Set(), masqueraded: false, serverHears: undefined, ports: 28_000, untracked: false, weights: new Map(), between: () => undefined,
    answersFrom: undefined, flow: () => undefined, mtu: { pod: 1450, odd: new Map(), uplink: 1500, tunnel: 1450, way: 1500, remembered: 65_535 }, moves: (sent, asked) => ({ arrived: sent, received: asked, spoiltThere: false, spoiltBack: false }), local: new Map(),
    says: (_pod, body) => body, status: () => 200, listening: new Map(), nobody: 'TIMEOUT', internet: { nodesTranslate: true, gatewayTranslates: true, answers: true }, ownNode: (port) => ({ class: port === 10_250 ? 'OK' : 'REFUSED' }),
  }
  readonly #kube: FakeKube
  readonly #nodeAddress: (node: string) => string
  readonly #records = new Map<string, Map<string, FakeRecord>>()
  #port = 0
  #seed = 1

  constructor(kube: FakeKube, nodeAddress: (node: string) => string) {
    this.#kube = kube
    this.#nodeAddress = nodeAddress
  }

  connect(node: string, from: ProbeFrom, target: string, nonce: string, protocol: 'tcp' | 'udp' = 'tcp'): FakeConnection {
    const client = this.#clientOf(from)
    if (target.startsWith('127.')) return this.#loopback(client, target, nonce)
    const own = client?.status?.podIP ?? this.#nodeAddress(node)
    const local = `${own}:${32_768 + (this.#port += 1) % this.weather.ports}`
    const [dialled = '', port = ''] = target.split(':')
    if (dialled === fakeOutside.host) return this.#toInternet({ node, own, local, target, nonce })
    const balanced = this.#balanced(dialled)
    if (balanced) return this.#deliver({ node: outsideMachines.loadBalancer, client, own: fakeOutside.loadBalancer.inner, local, target, nonce, server: balanced, port: 8080, protocol })
    const through = this.#throughNode(dialled, Number(port))
    if (through) return this.#byNodePort({ node, client, own, local, target, nonce, protocol }, through)
    const backend = this.#backend(dialled, Number(port))
    if (backend === 'none') return { class: 'REFUSED', local }
    const server = this.#pods().find((pod) => pod.status?.podIP === backend.ip && pod.status.phase === 'Running')
    if (!server && backend.ip === this.#nodeAddress(node)) return this.#toOwnNode(node, { local, target, port: backend.port })
    if (!server) return { class: this.weather.nobody, local }
    return this.#deliver({ node, client, own, local, target, nonce, server, port: backend.port, protocol })
  }

  /** Who listens at a port of the place, as the probe tells it. */
  listeners(from: ProbeFrom, port: number): object[] {
    return (this.weather.local.get(this.#clientOf(from)?.metadata.name ?? '') ?? []).filter((one) => one.port === port)
      .map(({ container }, index) => ({ local: `127.0.0.1:${port}`, container, program: 'echo', pid: 100 + index }))
  }

  /** One ping that may not be fragmented. */
  ping(node: string, from: ProbeFrom, target: string, size: number): { class: ProbeClass; local: string; errno?: string; ping: object } {
    const client = this.#clientOf(from)
    const { uplink, tunnel, way, remembered } = this.weather.mtu
    const server = this.#pods().find((candidate) => candidate.status?.podIP === target)
    const deviceMtu = client && !client.spec?.hostNetwork ? this.podMtu(client) : uplink
    const far = server?.spec?.nodeName !== node
    const view = { device: 'eth0', deviceMtu, pathMtu: Math.min(deviceMtu, remembered) }
    const local = client?.status?.podIP ?? this.#nodeAddress(node)
    if (size + 28 > view.pathMtu) return { class: 'TOOBIG', local, errno: 'EMSGSIZE', ping: { ...view, refused: 'here' } }
    if (far && size + 28 > tunnel) return { class: 'TOOBIG', local, errno: 'EMSGSIZE', ping: { ...view, pathMtu: tunnel, refused: 'on the way' } }
    if (far && size + 28 + (client ? 50 : 0) > way) return { class: 'TIMEOUT', local, ping: view }
    if (server && this.weather.brokenPaths.has(`${node}>${server.spec?.nodeName}`)) return { class: 'TIMEOUT', local, ping: view }
    return { class: server && this.weather.between(client?.metadata.name ?? node, server.metadata.name, 'udp') ? 'TIMEOUT' : 'OK', local, ping: view }
  }

  /** MTU of a Pod's own device. */
  podMtu(pod: Pod): number { return this.weather.mtu.odd.get(pod.metadata.name) ?? this.weather.mtu.pod }

  /** Bytes through one connection, and what the server says of those that came to it. */
  transfer(sent: number, asked: number): { transfer: object; said: object; ends: ProbeClass } {
    const { arrived, received, spoiltThere, spoiltBack, ends = 'OK' } = this.weather.moves(sent, asked)
    const hash = (what: string): string => what.padEnd(64, '0')
    return {
      transfer: { sent, sentSha256: hash('aa'), received, receivedSha256: hash(spoiltBack ? 'ee' : 'bb'), announcedSha256: asked > 0 ? hash('bb') : '', expectedSha256: hash('bb') },
      said: { bytes: arrived, sha256: hash(spoiltThere ? 'ff' : 'aa') }, ends,
    }
  }

  #clientOf(from: ProbeFrom): Pod | undefined { return 'podUid' in from ? this.#pods().find((pod) => pod.metadata.uid === from.podUid) : undefined }

  #toOwnNode(node: string, { local, target, port }: { local: string; target: string; port: number }): FakeConnection {
    const { class: end, answersFrom } = this.weather.ownNode(port)
    if (end === 'OK') this.#record(node, node, { local, target, seen: local.split(':')[0] ?? '', server: `${answersFrom ?? target.split(':')[0]}:${port}`, protocol: 'tcp' })
    return { class: end, local }
  }

  #loopback(client: Pod | undefined, target: string, nonce: string): FakeConnection {
    const local = `127.0.0.1:${32_768 + (this.#port += 1) % this.weather.ports}`
    const name = client?.metadata.name ?? ''
    const listener = this.weather.local.get(name)?.find(({ port }) => port === Number(target.split(':')[1]))
    if (!listener) return { class: 'REFUSED', local }
    if (listener.answers) return { class: listener.answers, local }
    const said = { pod: name, nonce, remote: local, local: target }
    const body = client?.metadata.namespace === 'hoplab-control' ? said : this.weather.says(name, said)
    return { class: 'OK', local, status: 200, ...(body ? { body } : {}) }
  }

  /** `conntrack -L -p PROTOCOL` of a node. */
  conntrack(node: string, wanted: 'tcp' | 'udp' = 'tcp'): string {
    const side = ({ src, dst, sport, dport }: Tuple): string => `src=${src} dst=${dst} sport=${sport} dport=${dport}`
    return [...(this.#records.get(node)?.values() ?? [])].filter(({ protocol }) => protocol === wanted)
      .map(({ protocol, original, reply, state = 'TIME_WAIT' }) => `${protocol === 'tcp' ? `tcp      6 ${state === 'SYN_SENT' ? this.weather.internet.keptSeconds ?? 117 : 117} ${state}` : 'udp      17 29'} ${side(original)} ${side(reply)} [ASSURED] mark=0 use=1\n`).join('')
  }

  /** Puts a record that no packet of ours made. */
  record(node: string, protocol: 'tcp' | 'udp', original: Tuple, reply: Tuple): void { this.#keep(node, { protocol, original, reply }) }

  /** Whether a Service's address leads to a Pod on this node: what a canary with a local policy needs. */
  localEndpoint(node: string, address: string): boolean {
    const service = this.#services().find((candidate) => clusterIpOf(candidate) === address)
    return service !== undefined && endpointsOf(this.#snapshot(), service, service.spec?.ports?.[0]?.port ?? 0).some((endpoint) => endpoint.node === node)
  }

  #deliver(packet: { node: string; client: Pod | undefined; own: string; local: string; target: string; nonce: string; server: Pod; port: number; protocol: 'tcp' | 'udp' }): FakeConnection {
    const { node, client, own, local, target, nonce, server, port, protocol } = packet
    const serverNode = server.spec?.nodeName ?? ''
    if (this.weather.brokenPaths.has(`${node}>${serverNode}`) && !this.weather.waysAside.has(`${client?.metadata.name}>${server.metadata.name}`)) return { class: 'TIMEOUT', local }
    // Control Pods are beyond what a lab can play with; only broken paths concern them.
    const isControl = server.metadata.namespace === 'hoplab-control'
    const special = isControl ? undefined : this.weather.between(client?.metadata.name ?? node, server.metadata.name, protocol)
    if (special === 'TIMEOUT') this.#record(node, node, { local, target, seen: own, server: `${server.status?.podIP}:${port}`, protocol, state: 'SYN_SENT' })
    if (special) return { class: special, local }
    if (!(this.weather.listening.get(server.metadata.name) ?? [8080]).includes(port)) return { class: 'REFUSED', local }
    const seen = this.weather.masqueraded || own === server.status?.podIP ? this.#nodeAddress(node) : own
    this.#record(node, serverNode, { local, target, seen, server: `${server.status?.podIP}:${isControl ? port : this.weather.answersFrom ?? port}`, protocol })
    const remote = `${this.weather.serverHears ?? seen}:${local.split(':')[1]}`
    const said = { pod: server.metadata.name, nonce, remote, local: `${server.status?.podIP}:${port}` }
    const body = isControl ? said : this.weather.says(server.metadata.name, said)
    const status = isControl ? 200 : this.weather.status(server.metadata.name)
    return { class: 'OK', local, ...(status === undefined ? {} : { status }), ...(body ? { body } : {}) }
  }

  /** Out by the gateway, which is asked for itself too: from there the host hears the gateway's own address. */
  #toInternet({ node, own, local, target, nonce }: { node: string; own: string; local: string; target: string; nonce: string }): FakeConnection {
    const { nodesTranslate, gatewayTranslates, answers, nonce: said = nonce } = this.weather.internet
    const port = local.split(':')[1]
    // What was decided for a record that nobody has answered holds for whatever comes from its port.
    const earlier = this.#records.get(node)?.get(`tcp ${local} ${target}`)
    const left = earlier?.state === 'SYN_SENT' ? earlier.reply.dst : nodesTranslate ? this.#nodeAddress(node) : own
    const refused = left !== this.#nodeAddress(node)
    if (node !== outsideMachines.gateway) this.#record(node, node, { local, target, seen: left, server: target, protocol: 'tcp', ...(refused || !answers ? { state: 'SYN_SENT' } : {}) })
    if (!answers) return { class: 'TIMEOUT', local }
    if (refused) return { class: 'UNREACHABLE', local }
    const seen = gatewayTranslates ? fakeOutside.gateway.outer : left
    if (node !== outsideMachines.gateway) this.#record(outsideMachines.gateway, outsideMachines.gateway, { local: `${left}:${port}`, target, seen, server: target, protocol: 'tcp' })
    const body = { pod: 'host', nonce: node === outsideMachines.gateway ? nonce : said, remote: `${seen}:${port}`, local: target }
    return { class: 'OK', local, status: 200, body }
  }

  /** A Pod behind the address that the load balancer gave a Service. */
  #balanced(address: string): Pod | undefined {
    const service = this.#services().find((one) => (one.status?.loadBalancer?.ingress ?? []).some(({ ip }) => ip === address))
    const backend = service && this.#backend(clusterIpOf(service) ?? '', service.spec?.ports?.[0]?.port ?? 0)
    return backend === undefined || backend === 'none' ? undefined : this.#pods().find((pod) => pod.status?.podIP === backend.ip)
  }

  /** The node and the Service whose NodePort this is. */
  #throughNode(address: string, port: number): { entry: string; clusterIp: string; port: number } | undefined {
    const entry = [...new Set(this.#pods().map((pod) => pod.spec?.nodeName ?? ''))].find((node) => this.#nodeAddress(node) === address)
    const found = this.#services().flatMap((service) => (service.spec?.ports ?? []).map((one) => ({ service, one }))).find(({ one }) => one.nodePort === port)
    const clusterIp = found && clusterIpOf(found.service)
    return entry === undefined || !found || clusterIp === undefined ? undefined : { entry, clusterIp, port: found.one.port }
  }

  /** The client's node sends to the other one, in its own name where the client is a Pod; that one chooses, and asks in its own name. */
  #byNodePort(packet: { node: string; client: Pod | undefined; own: string; local: string; target: string; nonce: string; protocol: 'tcp' | 'udp' }, { entry, clusterIp, port }: { entry: string; clusterIp: string; port: number }): FakeConnection {
    const { node, local, target } = packet
    if (this.weather.brokenPaths.has(`${node}>${entry}`) || this.weather.closedNodePorts.has(entry)) return { class: 'TIMEOUT', local }
    const backend = this.#backend(clusterIp, port)
    const server = backend === 'none' ? undefined : this.#pods().find((pod) => pod.status?.podIP === backend.ip)
    if (backend === 'none' || !server) return { class: 'REFUSED', local }
    const left = node === entry ? local : `${this.#nodeAddress(node)}:${local.split(':')[1]}`
    const done = this.#deliver({ ...packet, node: entry, local: left, own: this.#nodeAddress(entry), server, port: backend.port })
    if (node !== entry && done.class === 'OK') this.#record(node, node, { local, target, seen: left.split(':')[0] ?? '', server: target, protocol: packet.protocol })
    return { ...done, local }
  }

  #record(node: string, serverNode: string, at: { local: string; target: string; seen: string; server: string; protocol: 'tcp' | 'udp'; state?: 'SYN_SENT' }): void {
    if (this.weather.untracked) return
    const [src = '', sport = 0] = split(at.local)
    const [dst = '', dport = 0] = split(at.target)
    const [server = '', port = 0] = split(at.server)
    const reply = { src: server, sport: port, dst: at.seen, dport: sport }
    this.#keep(node, { protocol: at.protocol, original: { src, sport, dst, dport }, reply, ...(at.state ? { state: at.state } : {}) })
    if (serverNode !== node) this.#keep(serverNode, { protocol: at.protocol, original: { src: at.seen, sport, dst: server, dport: port }, reply })
  }

  #keep(node: string, entry: FakeRecord): void {
    const { src, sport, dst, dport } = entry.original
    const kept = this.#records.get(node) ?? new Map<string, FakeRecord>()
    this.#records.set(node, kept.set(`${entry.protocol} ${src}:${sport} ${dst}:${dport}`, entry))
  }

  #backend(ip: string, port: number): { ip: string; port: number } | 'none' {
    const service = this.#services().find((candidate) => clusterIpOf(candidate) === ip)
    if (!service) return { ip, port }
    const known = (service.spec?.ports ?? []).some((entry) => entry.port === port)
    const endpoints = known ? endpointsOf(this.#snapshot(), service, port) : []
    const weights = endpoints.map((endpoint) => this.weather.weights.get(endpoint.pod ?? '') ?? 1)
    let left = this.#random() * weights.reduce((sum, weight) => sum + weight, 0)
    const chosen = endpoints.find((_, index) => (left -= weights[index] ?? 0) < 0)
    return chosen ? { ip: chosen.ip, port: chosen.port ?? 0 } : 'none'
  }

  /** The EndpointSlice controller: rewrites every Service's slice from the Pods its selector picks. */
  syncSlices(): void {
    for (const service of this.#services()) {
      const { name, namespace = '' } = service.metadata
      if (!service.spec?.selector) continue
      this.#kube.put({
        apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4',
        metadata: { name: `${name}-abcde`, namespace, labels: { 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' } },
        ports: (service.spec.ports ?? []).map((port) => ({ name: port.name ?? '', port: Number(port.targetPort ?? port.port), protocol: port.protocol ?? 'TCP' })),
        endpoints: selectedBackends(this.#snapshot(), service).map((pod) => ({ addresses: [pod.status?.podIP ?? ''], nodeName: pod.spec?.nodeName, conditions: { ready: true }, targetRef: { kind: 'Pod', name: pod.metadata.name } })),
      })
    }
  }

  #snapshot() { return { pods: this.#pods(), services: this.#services(), slices: this.#of<EndpointSlice>('EndpointSlice') } }
  #pods(): Pod[] { return this.#of<Pod>('Pod') }
  #services(): Service[] { return this.#of<Service>('Service') }
  #of<T>(kind: string): T[] { return [...this.#kube.objects.values()].filter((object) => object.kind === kind) as T[] }

  /** Park–Miller minimal standard generator: the same run every time. */
  #random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647
    return this.#seed / 2_147_483_647
  }
}

function split(endpoint: string): [string, number] {
  const [ip = '', port = ''] = endpoint.split(':')
  return [ip, Number(port)]
}
