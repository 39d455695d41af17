import { z } from 'zod'
import { jsonOf } from '../probes/readings.ts'
import type { Round } from '../round.ts'

/** One VXLAN device as the kernel has it. */
export interface Tunnel { address: string; vni: number | undefined; port: number | undefined }

const vxlan = z.object({ info_kind: z.literal('vxlan'), info_data: z.object({ id: z.int(), port: z.int() }) })
const links = z.array(z.object({ ifname: z.string(), address: z.string().default(''), linkinfo: z.unknown().optional() })).min(1)
const neighbours = z.array(z.object({ dst: z.string(), dev: z.string(), lladdr: z.string().optional() }))
const forwarding = z.array(z.object({ mac: z.string(), ifname: z.string(), dst: z.string().optional() }))

/** The device of this name on a node; undefined when there is none. All devices are listed, so that none found is not mistaken for nothing read. */
export async function tunnelOn(round: Round, node: string, device: string): Promise<Tunnel | undefined> {
  const found = jsonOf(await round.readings.of(node, ['ip', '-j', '-d', 'link', 'show']), `the devices of ${node}`, links).find(({ ifname }) => ifname === device)
  if (!found) return undefined
  const facts = vxlan.safeParse(found.linkinfo).data?.info_data
  return { address: found.address, vni: facts?.id, port: facts?.port }
}

/** Names of all devices in a node's own network namespace. */
export async function devicesOn(round: Round, node: string): Promise<string[]> {
  return jsonOf(await round.readings.of(node, ['ip', '-j', '-d', 'link', 'show']), `the devices of ${node}`, links).map(({ ifname }) => ifname)
}

/** Link-layer address of a node's own device; undefined when it has none of that name. */
export async function linkAddressOf(round: Round, node: string, device: string): Promise<string | undefined> {
  return jsonOf(await round.readings.of(node, ['ip', '-j', '-d', 'link', 'show']), `the devices of ${node}`, links).find(({ ifname }) => ifname === device)?.address
}

/** Link-layer address that the node has for a neighbour; undefined when it knows none. */
export async function neighbourOf(round: Round, node: string, device: string, address: string): Promise<string | undefined> {
  const table = jsonOf(await round.readings.of(node, ['ip', '-j', 'neigh', 'show']), `the neighbours of ${node}`, neighbours)
  return table.find(({ dst, dev }) => dst === address && dev === device)?.lladdr
}

/** Nodes' addresses that frames for a link-layer address are sent to inside the tunnel (the forwarding database, FDB). */
export async function forwardedTo(round: Round, node: string, device: string, mac: string): Promise<string[]> {
  const table = jsonOf(await round.readings.of(node, ['bridge', '-j', 'fdb', 'show']), `the forwarding database of ${node}`, forwarding)
  return table.filter((entry) => entry.mac === mac && entry.ifname === device).flatMap(({ dst }) => dst ?? [])
}
