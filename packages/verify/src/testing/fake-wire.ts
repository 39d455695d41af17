import type { FakeKube } from '@hoplab/kube/testing'
import type { NetworkFacts, NodeFacts } from '@hoplab/model'
import type { Pod } from '../scene/kube-shapes.ts'
import { lookScript } from '../trace/node/look-script.ts'
import { askScript, beginScript, finishScript } from '../trace/node/scripts.ts'
import type { Printed } from './fake-lab.ts'
import type { FakeNetwork } from './fake-network.ts'
import { type FakeFrame, pcap, pushAck, segment, sleeved, syn, synAck, wrapped } from './fake-packets.ts'

/** One request that was sent while captures ran. */
interface Sent { id: string; client: Pod; server: Pod; from: string; to: string; nonce: string; answered: boolean }
/** One place of its path; `wrap` where the packet is inside a tunnel. */
interface Hop { node: string; place: string; link: number; way: 'in' | 'out'; wrap?: boolean }

const uplink = 2
const tunnel = 3
const bridge = 4
const firstCable = 10
const reversed = { in: 'out', out: 'in' } as const

/** Captures in a fake lab: what tcpdump, curl and the tools beside them print. nodes wrap as the lab's network does. */
export class FakeWire {
  readonly #kube: FakeKube
  readonly #nodes: readonly NodeFacts[]
  readonly #network: FakeNetwork
  readonly #begun = new Map<string, number>()
  readonly #sent: Sent[] = []
  /** Whether toolboxes can capture at all; without, they have no such program. */
  works = false
  /** Node → how its end of the tunnel is: undefined = packets leave as they are. */
  tunnels = new Map<string, { vni: number; port: number; to?: string } | undefined>()
  /** Packets between Pods of one node cross its uplink too. */
  detour = false
  /** Uplinks carry nothing that captures could see. */
  blind = false
  /** Nodes know the hardware address of the tunnel's far end. */
  knowsFarEnd = false
  /** Source of packets beyond the client's cable, in place of the client's own address. */
  source: string | undefined
  /** Name of the Pod that answers in place of the one that was asked. */
  answeredBy: string | undefined
  /** Text of requests as packets carry it. */
  text = (nonce: string): string => `GET / HTTP/1.1\r\nX-Hoplab-Nonce: ${nonce}\r\n\r\n`
  /** What became of the control packets and of what the kernel had to keep. */
  capture = { first: true, last: true, dropped: 0 }

  readonly #facts: () => NetworkFacts

  constructor(kube: FakeKube, nodes: readonly NodeFacts[], network: FakeNetwork, facts: () => NetworkFacts) { this.#kube = kube; this.#nodes = nodes; this.#network = network; this.#facts = facts }

  /** What one of the trace's scripts prints; undefined for anything else. */
  print(node: string, argv: readonly string[]): Printed | undefined {
    const [, , script, name, id = '', ...rest] = argv
    if (!this.works || name !== 'hoplab-trace') return undefined
    const lines = script === beginScript ? this.#begin(id, rest) : script === askScript ? this.#ask(node, id, rest) : script === finishScript ? this.#finish(node, id, rest) : script === lookScript ? this.#look(rest) : undefined
    return lines && { exitCode: 0, stdout: [...lines.map(([key, content]) => `${key} ${typeof content === 'string' ? btoa(content) : base64(content)}\n`), `end ${id}\n`].join(''), stderr: '' }
  }

  #begin(id: string, [, , mark = '', , , , ...places]: readonly string[]): [string, string][] {
    this.#begun.set(id, Number(mark))
    return [['before-rules', ''], ['before-kernel', ''], ...places.map((place): [string, string] => [`said ${place}`, 'tcpdump: listening on any\n'])]
  }

  #ask(node: string, id: string, [nonce = '', , first = '', place = '', ...urls]: readonly string[]): [string, string][] {
    const client = this.#pods().find(({ metadata }) => metadata.uid === place)
    if (!client) return [['gone', 'gone']]
    return urls.map((url, index) => {
      const target = url.replace(/^http:\/\/(.*)\/$/u, '$1')
      const own = { nonce: `${nonce}.${index}`, from: `${client.status?.podIP}:${Number(first) + index * 4}` }
      const { class: end, status = 0 } = this.#network.connect(node, { podUid: place }, target, own.nonce)
      const server = this.#pods().find(({ metadata, status: now }) => (this.answeredBy === undefined || nonce.startsWith('beside') ? `${now?.podIP}` === target.split(':')[0] : metadata.name === this.answeredBy))
      if (server) this.#sent.push({ id, client, server, to: target, answered: end === 'OK', ...own })
      return [`told ${index}`, `${status} ${end === 'OK' ? 0 : end === 'TIMEOUT' ? 28 : 7} ${own.from.split(':')[1]} 1`]
    })
  }

  #finish(node: string, id: string, [mark = '', , ...places]: readonly string[]): [string, string | Uint8Array][] {
    const marks = [...(this.capture.first ? [this.#begun.get(id) ?? 0] : []), ...(this.capture.last ? [Number(mark)] : [])]
    const frames = (place: string): FakeFrame[] => [
      ...marks.map((port): FakeFrame => ({ link: 1, way: 'out', packet: segment({ from: '127.0.0.1:40000', to: `127.0.0.1:${port}`, seq: 1, ack: 0, flags: syn, payload: '' }) })),
      ...this.#sent.filter((sent) => sent.id === id).flatMap((sent) => this.#framesOf(sent).filter((one) => one.node === node && one.place === place)),
    ]
    return [
      ['after-rules', ''], ['after-kernel', ''], ['conntrack', ''], ['table', ''],
      ...places.flatMap((place): [string, string | Uint8Array][] => [[`said ${place}`, `9 packets captured\n${this.capture.dropped} packets dropped by kernel\n`], [`pcap ${place}`, pcap(frames(place))], [`links ${place}`, JSON.stringify(this.#links(node, place))]]),
    ]
  }

  /** A node that sends everything into its tunnel. */
  #look([to = '', , , device = '']: readonly string[]): [string, string][] {
    return [['forward', '1'], ['route', device === '' ? `${to} dev eth0` : `${to} via 10.244.0.0 dev ${device}`], ['neighbours', this.knowsFarEnd ? '10.244.0.0 lladdr 02:00:00:00:00:01 PERMANENT\n' : ''], ['fdb', ''], ['proxy', '200']]
  }

  #framesOf(sent: Sent): (FakeFrame & Hop)[] {
    const path = this.#path(sent)
    const seq = Number(sent.from.split(':')[1])
    const there = (flags: number, payload: string, number: number): (FakeFrame & Hop)[] => path.map((hop, index) => ({ ...hop, packet: this.#packet(sent, hop, index, { back: false, flags, payload, seq: number }) }))
    if (!sent.answered) return there(syn, '', seq).slice(0, 2)
    const back = path.map((hop, index) => ({ ...hop, way: reversed[hop.way], packet: this.#packet(sent, hop, index, { back: true, flags: synAck, payload: '', seq: 5_000 }) })).reverse()
    return [...there(syn, '', seq), ...back, ...there(pushAck, this.text(sent.nonce), seq + 1)]
  }

  #packet({ client: asker, from, to, server }: Sent, hop: Hop, index: number, { back, flags, payload, seq }: { back: boolean; flags: number; payload: string; seq: number }): Uint8Array {
    const port = from.split(':')[1]
    const client = this.source !== undefined && index > 1 ? `${this.source}:${port}` : from
    const target = index > 1 ? `${server.status?.podIP}:${to.split(':')[1]}` : to
    const [src, dst] = back ? [target, client] : [client, target]
    const plain = segment({ from: src, to: dst, seq, ack: back ? Number(port) + 1 : 0, flags, payload })
    const { vni, port: udp, to: elsewhere } = this.tunnels.get(hop.node) ?? { vni: this.#facts().overlay?.vni ?? 0, port: this.#facts().overlay?.port ?? 0 }
    const nodes = [asker.spec?.nodeName ?? '', server.spec?.nodeName ?? '']
    const [near, far] = back ? nodes.toReversed() : nodes
    const outer = { from: `${this.#address(near)}:50000`, to: `${elsewhere ?? this.#address(far)}:${udp}` }
    if (!hop.wrap) return plain
    return this.#facts().overlay?.kind === 'udp' ? sleeved(outer, plain) : wrapped({ ...outer, vni }, plain)
  }

  #address(node: string | undefined): string { return this.#nodes.find(({ name }) => name === node)?.address ?? '' }

  #path({ client, server }: Sent): Hop[] {
    const [a, b] = [client.spec?.nodeName ?? '', server.spec?.nodeName ?? '']
    const [start, end] = [{ node: a, place: 'node' }, { node: b, place: 'node' }]
    const isWrapped = (node: string): boolean => (this.tunnels.has(node) ? this.tunnels.get(node) !== undefined : this.#facts().overlay !== undefined)
    const over: Hop[] = this.blind ? [] : [{ ...start, link: uplink, way: 'out', wrap: isWrapped(a) }, { ...end, link: uplink, way: 'in', wrap: isWrapped(b) }]
    const [entry, exit]: [Hop[], Hop[]] = this.#facts().overlay?.device !== undefined ? [[{ ...start, link: tunnel, way: 'out' }], [{ ...end, link: tunnel, way: 'in' }]] : [[], []]
    const between: Hop[] = a !== b ? [...entry, ...over, ...exit] : this.detour ? [{ ...start, link: uplink, way: 'out' }, { ...start, link: uplink, way: 'in' }] : []
    return [
      { node: a, place: client.metadata.uid ?? '', link: 2, way: 'out' }, { ...start, link: this.#cable(client), way: 'in' }, ...between,
      { ...end, link: this.#cable(server), way: 'out' }, { node: b, place: server.metadata.uid ?? '', link: 2, way: 'in' },
    ]
  }

  #links(node: string, place: string): object[] {
    const local = (ifindex: number, ifname: string, address: string, more: object = {}): object => ({ ifindex, ifname, ...more, addr_info: address === '' ? [] : [{ local: address }] })
    const pod = this.#pods().find(({ metadata }) => metadata.uid === place)
    if (pod) return [local(1, 'lo', '127.0.0.1'), local(2, 'eth0', pod.status?.podIP ?? '', { link_index: this.#cable(pod) })]
    const cables = this.#pods().filter(({ spec }) => spec?.nodeName === node).map((one) => local(this.#cable(one), `veth${this.#cable(one)}`, '', { link_index: 2 }))
    const { overlay, bridge: shared } = this.#facts()
    const devices = [...(overlay?.device === undefined ? [] : [local(tunnel, overlay.device, '')]), ...(shared === undefined ? [] : [local(bridge, shared, '')])]
    return [local(1, 'lo', '127.0.0.1'), local(uplink, 'eth0', this.#address(node)), ...devices, ...cables]
  }

  #pods(): Pod[] { return [...this.#kube.objects.values()].filter(({ kind }) => kind === 'Pod') as Pod[] }
  #cable(pod: Pod): number { return firstCable + this.#pods().findIndex(({ metadata }) => metadata.uid === pod.metadata.uid) }
}

const base64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
