import type { Round } from '../../round.ts'
import { routeInPlainWords } from './route-refusal.ts'
import { runScript } from './run-script.ts'

/** Reads what decides where a node sends a packet: `id destination source device tunnel`. Prints like the scripts of `scripts.ts`. */
export const lookScript = String.raw`
say() { printf '%s ' "$1"; base64 -w0; echo; }
id=$1 dst=$2 src=$3 dev=$4 tunnel=$5
{ cat /proc/sys/net/ipv4/ip_forward; [ -n "$dev" ] && cat "/proc/sys/net/ipv4/conf/$dev/forwarding"; } 2>/dev/null | say forward
{ if [ -n "$dev" ]; then ip route get "$dst" from "$src" iif "$dev"; else ip route get "$dst"; fi; } 2>&1 | head -1 | say route
{ [ -n "$tunnel" ] && ip neigh show dev "$tunnel"; } 2>/dev/null | say neighbours
{ [ -n "$tunnel" ] && bridge fdb show dev "$tunnel"; } 2>/dev/null | say fdb
curl -s -m 1 -o /dev/null -w '%{http_code}' http://127.0.0.1:10256/healthz 2>/dev/null | say proxy
echo "end $id"
`

/** How a node forwards one packet, in the words of its own tools. */
export interface NodeLook {
  forwards: boolean
  /** Whether the device that the packet came in by lets its packets be sent on (net.ipv4.conf.DEVICE.forwarding); true where there is none. */
  deviceForwards: boolean
  /** First line of `ip route get`; where it refuses, what the kernel's word for it means. */
  route: string
  /** Device that the route leads to; undefined when there is none. */
  device: string | undefined
  gateway: string | undefined
  neighbours: readonly string[]
  fdb: readonly string[]
  /** Whether kube-proxy answers its health port. */
  proxyAlive: boolean
}

/** Looks at one node's ways for a packet. `device` is where the packet came in; empty for the node's own packets. @throws Broken */
export async function lookAtNode(round: Round, node: string, packet: { to: string; from: string; device: string }): Promise<NodeLook> {
  const id = crypto.randomUUID().slice(0, 8)
  const output = await runScript(round, node, lookScript, [id, packet.to, packet.from, packet.device, round.view.networkFacts.overlay?.device ?? ''])
  const lines = (key: string): string[] => output.text(key).split('\n').filter((line) => line !== '')
  const [forwards, deviceForwards] = lines('forward')
  const route = routeInPlainWords(output.text('route').trim())
  return {
    forwards: forwards !== '0', deviceForwards: deviceForwards !== '0', route, device: / dev (\S+)/u.exec(route)?.[1], gateway: / via (\S+)/u.exec(route)?.[1],
    neighbours: lines('neighbours'), fdb: lines('fdb'), proxyAlive: output.text('proxy').trim() === '200',
  }
}
