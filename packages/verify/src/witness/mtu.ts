import type { Evidence } from '@hoplab/model'
import { z } from 'zod'
import { NotMet } from '../kinds/look.ts'
import { jsonOf } from '../probes/readings.ts'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { onNode } from '../scene/node-place.ts'
import { podOrigin } from '../scene/origin.ts'
import { podName } from '../scene/pods.ts'
import { inNetworkOf } from './inside.ts'
import { routesTo } from './route.ts'
import { processesOf } from './runtime.ts'

/** Largest packet of a device in bytes, and the most it may be. */
export interface Mtu { where: string; mtu: number; most: number; because: string; evidence: Evidence }

const links = z.array(z.object({ ifname: z.string(), mtu: z.int().positive() })).min(1)

/** What a node can carry of another node's Pods: the uplink's MTU less what wrapping adds, and no more than the device that wraps takes. */
export interface Room { uplink: string; carries: number; bytes: number; tunnel: Mtu | undefined }

/** The room on the way from `node` to another one. Throws `NotMet` when there is no way, or no device that wraps. */
export async function roomOn(round: Round, node: string): Promise<Room> {
  const other = round.view.nodes.find(({ name }) => name !== node)?.address ?? ''
  const [[way], found] = await Promise.all([
    routesTo(round, node, [other]),
    round.readings.of(node, ['ip', '-j', '-d', 'link', 'show']).then((reading) => jsonOf(reading, `the devices of ${node}`, links)),
  ])
  const uplink = found.find(({ ifname }) => ifname === way?.device)
  if (!uplink) throw new NotMet(`${node} finds no way to the other nodes.`, [], `route on ${node}`)
  const { overlay } = round.view.networkFacts
  const wrapped = uplink.mtu - (overlay?.overhead ?? 0)
  if (overlay?.device === undefined) return { uplink: uplink.ifname, carries: uplink.mtu, bytes: wrapped, tunnel: undefined }
  const device = found.find(({ ifname }) => ifname === overlay.device)
  const command = onNode(round.view, node, `ip link show ${overlay.device}`)
  if (!device) throw new NotMet(`${node} has no device ${overlay.device}.`, [{ witness: 'device', command, observed: 'no such device', expected: overlay.device }], `${overlay.device} on ${node}`)
  return {
    uplink: uplink.ifname, carries: uplink.mtu, bytes: Math.min(wrapped, device.mtu),
    tunnel: { where: `${overlay.device} on ${node}`, mtu: device.mtu, most: wrapped, because: reason(round, node, { uplink: uplink.ifname, carries: uplink.mtu }), evidence: { witness: 'device', command, observed: `${overlay.device} on ${node}: MTU ${device.mtu}`, expected: `at most ${wrapped}` } },
  }
}

const reason = (round: Round, node: string, { uplink, carries }: Pick<Room, 'uplink' | 'carries'>): string =>
  `${uplink} of ${node} carries ${carries} and wrapping takes ${round.view.networkFacts.overlay?.overhead ?? 0}`

/** The MTU of the Pod's own device, read inside of the Pod's network. Throws `NotMet` for a Pod without a network or device of its own. */
export async function podMtu(round: Round, pod: Pod, room: Room): Promise<Mtu> {
  if (pod.spec?.hostNetwork) throw new NotMet(`Pod ${podName(pod)} is on its node's network and has no device of its own.`)
  const node = pod.spec?.nodeName ?? ''
  const { sandbox } = await processesOf(round, pod)
  const found = jsonOf(await round.readings.of(node, inNetworkOf(sandbox.pid, ['ip', '-j', 'address', 'show'])), `the devices of Pod ${podName(pod)}`, links)
  // The container runtime always calls the Pod's own device eth0 (CRI: the default network's interface).
  const own = found.find(({ ifname }) => ifname === 'eth0')
  const command = podOrigin(pod).at('ip link show eth0')
  if (!own) throw new NotMet(`Pod ${podName(pod)} has no device eth0.`, [{ witness: 'device', command, observed: 'no such device', expected: 'eth0' }])
  const { tunnel } = room
  const because = tunnel && tunnel.mtu < tunnel.most ? `${tunnel.where} takes ${tunnel.mtu}` : reason(round, node, room)
  return { where: `eth0 of Pod ${podName(pod)}`, mtu: own.mtu, most: room.bytes, because, evidence: { witness: 'device', command, observed: `eth0 of Pod ${podName(pod)}: MTU ${own.mtu}`, expected: `at most ${room.bytes}: ${because}` } }
}
