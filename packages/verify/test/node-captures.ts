import { Deadline } from '@hoplab/core'
import { run } from '@hoplab/core/node'
import { cooked, type Way } from '../src/trace/capture/cooked.ts'
import { type Packet, packetIn } from '../src/trace/capture/packet.ts'
import { readPcap } from '../src/trace/capture/pcap-file.ts'
import { labName } from './live-lab.ts'

/** A packet that was seen on a node, whole; `text` is all of it, a character a byte, to look for words in. */
export interface Seen {
  position: string
  /** Whether it passed the node's own uplink; else it was on a cable, a bridge or the loopback. */
  uplink: boolean
  way: Way
  packet: Packet
  text: string
}

/** Captures on every node, which go on until somebody stops them. */
export interface NodeCaptures {
  /** Ends them; every IPv4 packet that they caught, node by node in order. Throws when the kernel dropped one. */
  stop(): Promise<Seen[]>
}

const positions = ['control-plane', 'worker-1', 'worker-2'] as const
/**
 * Each packet has a place of the snapshot's length in the buffer: of 8 MiB and tcpdump's own 256 KiB there were 32, and beside a second cluster 11 packets
 * of Weave's tunnel were lost (measured here). The largest is 64 KiB; 64 MiB hold some 500.
 */
const room = '-s 65535 -B 65536'
/** They end by themselves after this many seconds: what is watched is the making of a cluster at most. */
const longest = 300

const begin = String.raw`filter=$0 dir=/tmp/hoplab-captures; rm -rf $dir; mkdir $dir
( exec timeout ${longest} tcpdump -i any -y LINUX_SLL2 --immediate-mode -Z root -n ${room} -U -w $dir/pcap "$filter" ) < /dev/null > /dev/null 2> $dir/said &
echo $! > $dir/pid
for try in $(seq 150); do grep -qs '^tcpdump: listening' $dir/said && exit; sleep 0.02; done
cat $dir/said >&2; exit 1`

/** What was sent last may be on its way into the file still. */
const end = String.raw`dir=/tmp/hoplab-captures; sleep 1; kill -INT $(cat $dir/pid); for try in $(seq 100); do grep -qs 'dropped by kernel' $dir/said && break; sleep 0.05; done
ip -json link show dev eth0 | jq '.[0].ifindex'; sed -n 's/ packets\{0,1\} dropped by kernel//p' $dir/said; base64 -w0 $dir/pcap; rm -rf $dir`

/** Keeps what fits `filter` (pcap-filter(7)) on every node of the test's cluster from now on. Its toolboxes have to be there, nothing else of it. */
export async function captureOnNodes(filter: string): Promise<NodeCaptures> {
  await Promise.all(positions.map((position) => inToolbox(position, begin, filter)))
  return {
    stop: async () => (await Promise.all(positions.map(async (position) => {
      const [link, dropped, file = ''] = (await inToolbox(position, end)).split('\n')
      if (dropped !== '0') throw new Error(`The capture on ${position} lost packets: ${dropped}`)
      return packetsOf(position, Number(link), Buffer.from(file, 'base64'))
    }))).flat(),
  }
}

/** Through the engine: while a cluster is being made nobody has its nodes' shells yet. */
async function inToolbox(position: string, script: string, ...args: string[]): Promise<string> {
  using deadline = Deadline.start(`captures on ${position}`, 200_000)
  return (await run('docker', ['exec', `hoplab-${labName}-toolbox-${position}`, 'bash', '-ec', script, ...args], { deadline })).stdout
}

function packetsOf(position: string, link: number, file: Uint8Array): Seen[] {
  return readPcap(file).flatMap(({ bytes }) => {
    const outside = cooked(bytes)
    const packet = outside && packetIn(outside.etherType, outside.payload)
    return outside && packet ? [{ position, uplink: outside.interface === link, way: outside.way, packet, text: Buffer.from(bytes).toString('latin1') }] : []
  })
}

/** Where it goes, for those who read a failure: `worker-1 out: 172.28.8.3:40000 → 10.0.0.1:80`. */
export const seenText = ({ position, uplink, way, packet: { src, dst, tcp, udp } }: Seen): string =>
  `${position}${uplink ? '' : ' inside'} ${way}: ${(tcp ?? udp)?.from ?? src} → ${(tcp ?? udp)?.to ?? dst}`
