import { addonsInside, type OutsideFacts } from '@hoplab/model'
import type { ContainerFacts } from '../../../engine/containers.ts'
import type { NetworkFacts } from '../../../engine/networks.ts'
import type { ClusterSpec } from '../../../port.ts'
import { clusterName, gatewayName, internetNetworkName, machineName } from '../names.ts'
import { planOf } from '../network.ts'
import { internetPlanOf } from './plan.ts'

/** Where a cluster's ways in and out are; undefined when it has none. What is missing of those that it was made with stands in `missing`. `withPods`: as hostsPods says of its network. */
export function outsideOf({ spec, withPods }: { spec: ClusterSpec; withPods: boolean }, networks: readonly NetworkFacts[], containers: readonly ContainerFacts[]): { outside: OutsideFacts | undefined; missing: string[] } {
  const { addons = [], name } = spec
  if (addons.length === 0) return { outside: undefined, missing: [] }
  const lan = networks.find((one) => one.name === clusterName(name))
  const internet = networks.find((one) => one.name === internetNetworkName(name))
  const running = (container: string): ContainerFacts | undefined => containers.find((one) => one.name === container && one.running)
  const missing = [gatewayName(name), ...addons.filter((addon) => !addonsInside.includes(addon)).map((addon) => machineName(name, addon))].filter((container) => !running(container))
  if (!lan || !internet) return { outside: undefined, missing: [...missing, internetNetworkName(name)] }
  const plan = internetPlanOf(internet.subnet)
  const balancer = running(machineName(name, 'load-balancer'))
  return {
    missing,
    outside: {
      nodes: lan.subnet, internet: internet.subnet, host: plan.server, gateway: { inner: planOf(lan.subnet, withPods).gateway, outer: plan.gateway },
      ...(balancer ? { loadBalancer: { inner: balancer.addresses[clusterName(name)] ?? '', pool: plan.pool } } : {}),
    },
  }
}
