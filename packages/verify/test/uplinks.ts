import { cooked, type Way } from '../src/trace/capture/cooked.ts'
import { type Packet, packetIn } from '../src/trace/capture/packet.ts'
import { readPcap } from '../src/trace/capture/pcap-file.ts'
import type { LiveLab } from './live-lab.ts'

/** A packet that passed a node's uplink; `text` is all of it, a character a byte, to look for words in. */
export interface OnUplink { node: string; way: Way; packet: Packet; text: string }

/** Captures on every node's uplink. */
export interface UplinkWatch {
  /** Ends them; every packet that they caught, node by node in order. Throws when the kernel dropped one. */
  stop(): Promise<OnUplink[]>
}

/** They end by themselves after this many seconds. */
const longest = 150

const begin = String.raw`filter=$0 dir=/tmp/hoplab-uplink; rm -rf $dir; mkdir $dir
( exec timeout ${longest} tcpdump -i any -y LINUX_SLL2 --immediate-mode -Z root -n -s 0 -B 8192 -U -w $dir/pcap "$filter" ) < /dev/null > /dev/null 2> $dir/said &
echo $! > $dir/pid
for try in $(seq 150); do grep -qs '^tcpdump: listening' $dir/said && exit; sleep 0.02; done
cat $dir/said >&2; exit 1`

/** What was sent last may be on its way into the file still. */
const end = String.raw`dir=/tmp/hoplab-uplink; sleep 1; kill -INT $(cat $dir/pid); for try in $(seq 100); do grep -qs 'dropped by kernel' $dir/said && break; sleep 0.05; done
ip -json link show dev eth0 | jq '.[0].ifindex'; sed -n 's/ packets\{0,1\} dropped by kernel//p' $dir/said; base64 -w0 $dir/pcap; rm -rf $dir`

/** Keeps what fits `filter` (pcap-filter(7)) on the uplink of every node from now on, whole packets. */
export async function watchUplinks(lab: LiveLab, filter: string): Promise<UplinkWatch> {
  const nodes = lab.cluster.nodes.map(({ name }) => name)
  await Promise.all(nodes.map((node) => lab.onNode(node, ['bash', '-ec', begin, filter])))
  return {
    stop: async () => (await Promise.all(nodes.map(async (node) => {
      const [link, dropped, file = ''] = (await lab.onNode(node, ['bash', '-ec', end])).split('\n')
      if (dropped !== '0') throw new Error(`The capture on ${node} lost packets: ${dropped}`)
      return packetsOf(node, Number(link), Buffer.from(file, 'base64'))
    }))).flat(),
  }
}

function packetsOf(node: string, link: number, file: Uint8Array): OnUplink[] {
  return readPcap(file).flatMap(({ bytes }) => {
    const outside = cooked(bytes)
    const packet = outside?.interface === link ? packetIn(outside.etherType, outside.payload) : undefined
    return outside && packet ? [{ node, way: outside.way, packet, text: Buffer.from(bytes).toString('latin1') }] : []
  })
}
