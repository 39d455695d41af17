import { join } from 'node:path'
import type { Deadline } from '@hoplab/core'
import { lock, stateFolder } from '@hoplab/core/node'
import { docker, requireEngine } from '../../engine/docker.ts'
import { labelArguments } from '../../engine/marks.ts'
import { networkNamed, type NetworkFacts } from '../../engine/networks.ts'
import { HOP_ENGINE_REFUSED, HOP_NO_FREE_SUBNET } from '../../errors.ts'
import type { ClusterSpec, NetworkInstaller } from '../../port.ts'
import { rangeOf, toAddress } from './addresses.ts'
import { clusterName } from './names.ts'

/** Ranges for labs: 172.28.0.0/16 cut into /22, of which most labs take the first /24. Inside 172.16.0.0/12 (RFC 1918), above what Docker hands out first. */
const candidates = Array.from({ length: 64 }, (_, index) => `172.28.${index * 4}.0`)

/**
 * Whether Pods have addresses of the nodes' own network. It is a /22 then, and the engine gives containers the first 32 of its 1024 addresses only: so
 * for each container there is a block of 32 behind them that is never another container's.
 */
export const hostsPods = ({ capabilities: { ipam } }: Pick<NetworkInstaller, 'capabilities'>): boolean => ipam === 'node-network'
/** Lengths of a lab's network, of one with Pods in it, and of the part of that which is the containers': 32 addresses. */
const bits = { lan: 24, withPods: 22, containers: 27 } as const

/** Addresses of a lab's network that have a meaning. */
export interface NetworkPlan {
  subnet: string
  /** The part of it that the engine gives addresses of: all of it where Pods have a range of their own. */
  containers: string
  /** The bridge, i.e. the host. */
  host: string
  /** Every container's default route: the gateway container. */
  gateway: string
}

/** Host is the first address, gateway container the last but one of the containers' range. */
export function planOf(subnet: string): NetworkPlan {
  const containers = subnet.endsWith(`/${bits.withPods}`) ? `${toAddress(rangeOf(subnet).first)}/${bits.containers}` : subnet
  const { first, last } = rangeOf(containers)
  return { subnet, containers, host: toAddress(first + 1), gateway: toAddress(last - 1) }
}

/** The range that Pods of a running cluster have addresses of. */
export const podSubnetOf = (spec: ClusterSpec, installer: NetworkInstaller, { subnet }: Pick<NetworkFacts, 'subnet'>): string => (hostsPods(installer) ? subnet : spec.podSubnet)

/**
 * Makes the lab's own network. Closed: nothing is masqueraded, and every container's default route is the gateway container from birth
 * (the bridge driver's `DefaultGatewayIPv4` auxiliary address). Open (`internet`): an ordinary bridge.
 */
export async function makeNetwork({ lab, runId, internet, withPods }: { lab: string; runId: string; internet: boolean; withPods: boolean }, deadline: Deadline): Promise<NetworkFacts> {
  const ranges = candidates.map((first) => `${first}/${withPods ? bits.withPods : bits.lan}`)
  return makeInRange({ lab, runId, role: 'network', name: clusterName(lab), ranges, masquerade: internet }, deadline)
}

/** A network to be made, in the first of `ranges` that is free. */
interface WantedNetwork { lab: string; runId: string; role: string; name: string; ranges: readonly string[]; masquerade: boolean }

/** The engine is the arbiter of which range is free; one lock on this host keeps two labs from racing for one. @throws HOP_NO_FREE_SUBNET */
export async function makeInRange(wanted: WantedNetwork, deadline: Deadline): Promise<NetworkFacts> {
  await using _held = await lock(join(stateFolder(), 'locks', 'network.lock'), 'the list of networks', { deadline, waitMs: 30_000 })
  let said = ''
  for (const subnet of wanted.ranges) {
    const result = await docker(['network', 'create', ...networkArguments(wanted, planOf(subnet)), wanted.name], { deadline })
    if (result.exitCode === 0) {
      const made = await networkNamed(wanted.name, deadline)
      if (made) return made
    }
    said = result.stderr
    if (!/overlap|pool/iu.test(said)) { await requireEngine(deadline); throw HOP_ENGINE_REFUSED({ command: result.command, said }) }
  }
  throw HOP_NO_FREE_SUBNET({ tried: wanted.ranges.length, said })
}

function networkArguments({ lab, runId, role, masquerade }: WantedNetwork, plan: NetworkPlan): string[] {
  return [
    '--driver', 'bridge', '--subnet', plan.subnet, '--gateway', plan.host, ...(plan.containers === plan.subnet ? [] : ['--ip-range', plan.containers]),
    ...labelArguments({ lab, runId, role }),
    ...(masquerade ? [] : ['--aux-address', `DefaultGatewayIPv4=${plan.gateway}`, '--opt', 'com.docker.network.bridge.enable_ip_masquerade=false']),
  ]
}
