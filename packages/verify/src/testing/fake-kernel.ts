import type { NetworkFacts, NodeFacts, OverlayFacts } from '@hoplab/model'
import type { Printed } from './fake-lab.ts'
import type { Weather } from './fake-network.ts'

/** What of the lab a kernel knows. */
interface Surroundings { readonly networkFacts: NetworkFacts; readonly nodes: readonly NodeFacts[]; readonly network: { readonly weather: Pick<Weather, 'mtu'> } }

/** A route as `ip -j route get` prints it; `undefined` = the kernel refuses. */
export type FakeRoute = { dev: string; gateway?: string } | undefined

/** The first addresses of a node's range. */
const podsOf = (index: number): string[] => Array.from({ length: 20 }, (_, last) => `10.244.${index}.${last}`)

/** Kernels of the nodes of a fake lab: settings, devices and routes as the lab's network has them, until a test changes them. Node `i` has the Pods of 10.244.i.0/24. */
export class FakeKernel {
  readonly #lab: Surroundings
  readonly #settings = new Map<string, Map<string, string>>()
  /** Routes unlike the network's: `a 10.244.2.2`. */
  readonly routes = new Map<string, FakeRoute>()
  /** Neighbour and forwarding entries unlike the network's: `a 10.244.2.0` → link-layer address, `a MAC` → node address; undefined = none. */
  readonly entries = new Map<string, string | undefined>()
  /** Tunnels unlike the network's by node: undefined = gone. */
  readonly tunnels = new Map<string, { id: number; port: number } | undefined>()
  /** More devices of a node. */
  readonly strangers = new Map<string, string[]>()
  /** Nodes whose reader is not in the node's own network namespace. */
  readonly strayed = new Set<string>()

  constructor(lab: Surroundings) { this.#lab = lab }

  /** Settings of one node by path below `/proc/sys`. */
  settings(node: string): Map<string, string> {
    const known = this.#settings.get(node)
    if (known) return known
    const fresh = new Map([
      ['net/ipv4/ip_forward', '1'], ['net/bridge/bridge-nf-call-iptables', '1'], ['net/ipv4/conf/all/rp_filter', '0'],
      ...['eth0', ...this.#bridge, this.#tunnel].flatMap((device): [string, string][] => [[`net/ipv4/conf/${device}/forwarding`, '1'], [`net/ipv4/conf/${device}/rp_filter`, '0']]),
    ])
    this.#settings.set(node, fresh)
    return fresh
  }

  /** What a program of the kernel's tools prints on a node; undefined when it is none of them. */
  print(node: string, argv: readonly string[]): Printed | undefined {
    const ok = (stdout: string): Printed => ({ exitCode: 0, stdout, stderr: '' })
    const [program, ...rest] = argv
    if (program === 'readlink') return ok(rest.map((path) => `net:[${this.strayed.has(node) && path.includes('self') ? 4_026_539_999 : 4_026_531_000 + this.#index(node)}]\n`).join(''))
    if (program === 'grep' && rest[0] === '-H') return this.#grep(node, rest.slice(2))
    if (program === 'ip' && rest.slice(0, 3).join(' ') === '-j route get') return this.#routeGet(node, rest[3] ?? '')
    if (argv.join(' ') === 'ip -j -d link show') return ok(JSON.stringify(this.#links(node)))
    if (argv.join(' ') === 'ip -j neigh show') return ok(JSON.stringify(this.#neighbours(node)))
    if (argv.join(' ') === 'bridge -j fdb show') return ok(JSON.stringify(this.#forwarding(node)))
    return undefined
  }

  /** A network that wraps nothing has none, unless a test asks for it. */
  get #tunnel(): string { return this.#device?.device ?? 'flannel.1' }
  /** The tunnel whose device is there, whether or not it carries anything between these nodes. */
  get #device(): OverlayFacts | undefined { const { overlay, overlayBetweenSubnets } = this.#lab.networkFacts; return overlay ?? overlayBetweenSubnets }
  get #bridge(): string[] { const { bridge } = this.#lab.networkFacts; return bridge === undefined ? [] : [bridge] }

  #index(node: string): number { return this.#lab.nodes.findIndex(({ name }) => name === node) }

  /** Link-layer address of a node's uplink, and of its end of the tunnel. */
  mac(node: string): string { return `62:5b:af:00:00:0${this.#index(node)}` }

  #links(node: string): object[] {
    const facts = this.#device
    const tunnel = this.tunnels.has(node) ? this.tunnels.get(node) : facts?.device !== undefined && { id: facts.vni ?? 0, port: facts.port ?? 0 }
    const { pod, uplink, tunnel: wrapped } = this.#lab.network.weather.mtu
    const sizes: Record<string, number> = { lo: 65_536, eth0: uplink }
    const plain = ['lo', ...this.#bridge, 'eth0', ...this.strangers.get(node) ?? []].map((ifname) => ({ ifname, mtu: sizes[ifname] ?? pod, address: ifname === 'eth0' ? this.mac(node) : '00:00:00:00:00:00' }))
    return tunnel ? [...plain, { ifname: this.#tunnel, mtu: wrapped, address: this.mac(node), linkinfo: { info_kind: 'vxlan', info_data: tunnel } }] : plain
  }

  #others(node: string): NodeFacts[] { return this.#lab.nodes.filter(({ name }) => name !== node) }

  #neighbours(node: string): object[] {
    const direct = this.#lab.networkFacts.ipam === 'node-network'
    return this.#others(node).flatMap(({ name }) => (direct ? podsOf(this.#index(name)) : [`10.244.${this.#index(name)}.0`]).flatMap((dst) => {
      const key = `${node} ${dst}`
      const lladdr = this.entries.has(key) ? this.entries.get(key) : this.mac(name)
      return lladdr === undefined ? [] : [{ dst, dev: direct ? 'eth0' : this.#tunnel, lladdr, state: ['PERMANENT'] }]
    }))
  }

  #forwarding(node: string): object[] {
    return this.#others(node).flatMap(({ name, address }) => {
      const key = `${node} ${this.mac(name)}`
      const dst = this.entries.has(key) ? this.entries.get(key) : address
      return dst === undefined ? [] : [{ mac: this.mac(name), ifname: this.#tunnel, dst, flags: ['self'], state: 'permanent' }]
    })
  }

  #grep(node: string, files: readonly string[]): Printed {
    const found = files.map((file) => ({ file, value: this.settings(node).get(file.replace('/proc/sys/', '')) }))
    const stdout = found.flatMap(({ file, value }) => (value === undefined ? [] : [`${file}:${value}\n`])).join('')
    return { exitCode: found.some(({ value }) => value === undefined) ? 2 : 0, stdout, stderr: '' }
  }

  #routeGet(node: string, to: string): Printed {
    const index = Number(/^10\.244\.(\d+)\./u.exec(to)?.[1] ?? Number.NaN)
    const { overlay, ipam } = this.#lab.networkFacts
    // Where a program of the node wraps packets, it takes them from the bridge that all Pods share.
    const wrapping = overlay?.device === undefined ? { dev: this.#bridge[0] ?? '' } : { dev: this.#tunnel, gateway: `10.244.${index}.0` }
    const between = overlay ? wrapping : { dev: 'eth0', ...(ipam === 'node-network' ? {} : { gateway: this.#lab.nodes[index]?.address ?? '' }) }
    const usual = Number.isNaN(index) ? { dev: 'eth0' } : index === this.#index(node) ? { dev: this.#bridge[0] ?? 'veth1' } : between
    const route = this.routes.has(`${node} ${to}`) ? this.routes.get(`${node} ${to}`) : usual
    return route ? { exitCode: 0, stdout: JSON.stringify([{ dst: to, ...route, flags: [], uid: 0, cache: [] }]), stderr: '' } : { exitCode: 2, stdout: '', stderr: 'RTNETLINK answers: No route to host' }
  }
}
