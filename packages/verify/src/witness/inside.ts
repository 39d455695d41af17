import { z } from 'zod'
import { jsonOf } from '../probes/readings.ts'
import type { Round } from '../round.ts'
import { normalIp } from './address.ts'

/** One device as a process sees it. */
export interface Interface { name: string; mac: string; addresses: { ip: string; prefix: number; scope: string }[] }

const interfaces = z.array(z.object({
  ifname: z.string(), address: z.string().default(''), addr_info: z.array(z.object({ local: z.string(), prefixlen: z.int(), scope: z.string() })),
})).min(1)
// Every field of a route counts where two lists are compared.
const routeList = z.array(z.record(z.string(), z.json()))

/** Runs the toolbox's own program in the network namespace of a process of the node: the Pod's image needs none. */
export const inNetworkOf = (pid: number, argv: readonly string[]): string[] => ['nsenter', '-t', String(pid), '-n', ...argv]

/** Devices and addresses in the network namespace of a process. Never empty: loopback is always there. */
export async function interfacesOf(round: Round, node: string, pid: number): Promise<Interface[]> {
  const found = jsonOf(await round.readings.of(node, inNetworkOf(pid, ['ip', '-j', 'address', 'show'])), `the addresses of process ${pid} on ${node}`, interfaces)
  return found.map(({ ifname, address, addr_info: list }) => ({ name: ifname, mac: address, addresses: list.map(({ local, prefixlen, scope }) => ({ ip: normalIp(local) ?? local, prefix: prefixlen, scope })) }))
}

/** Routes in the network namespace of a process; empty where there are none. */
export async function routesIn(round: Round, node: string, pid: number): Promise<z.infer<typeof routeList>> {
  return jsonOf(await round.readings.of(node, inNetworkOf(pid, ['ip', '-j', 'route', 'show'])), `the routes of process ${pid} on ${node}`, routeList)
}
