import type { Deadline } from '@hoplab/core'
import { dockerOk } from '../../../engine/docker.ts'
import { labelArguments } from '../../../engine/marks.ts'
import type { AddonInstaller } from '../../../port.ts'
import { clusterName, internetNetworkName, machineName } from '../names.ts'
import type { InternetPlan } from './plan.ts'

/** What the machines of a cluster's add-ons have in common. */
export interface MachinesSpec { lab: string; runId: string; plan: InternetPlan; images: Readonly<Record<string, string>>; addons: readonly AddonInstaller[] }

/** Starts the container of each add-on that has one, on the network beyond the gateway and, where it asks for that, on the nodes' network as well. */
export async function startMachines(spec: MachinesSpec, deadline: Deadline): Promise<void> {
  await Promise.all(spec.addons.map((addon) => startMachine(spec, addon, deadline)))
}

async function startMachine({ lab, runId, plan, images }: MachinesSpec, addon: AddonInstaller, deadline: Deadline): Promise<void> {
  const { server: host, loadBalancer, pool } = plan
  const machine = addon.machine?.({ host, loadBalancer, pool }, images)
  if (!machine) return
  const name = machineName(lab, addon.name)
  await dockerOk([
    'create', '--pull', 'never', '--name', name, '--network', internetNetworkName(lab), '--ip', machine.address, '--restart', 'unless-stopped',
    ...labelArguments({ lab, runId, role: addon.name }),
    ...machine.capabilities.flatMap((capability) => ['--cap-add', capability]),
    ...Object.entries(machine.environment).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    machine.image, ...machine.argv ?? [],
  ], { deadline })
  if (machine.reachesNodes) await dockerOk(['network', 'connect', clusterName(lab), name], { deadline })
  await dockerOk(['start', name], { deadline })
}

/** Lets an add-on write into the API, and puts the files that it gives onto its machine, each whole or not at all. */
export async function installAddon(addon: AddonInstaller, target: { lab: string } & Parameters<AddonInstaller['install']>[0], deadline: Deadline): Promise<void> {
  const { lab, ...api } = target
  for (const { path, text } of await addon.install(api, deadline)) {
    const script = 'umask 077; mkdir -p "$(dirname "$1")"; cat > "$1.new" && mv "$1.new" "$1"'
    await dockerOk(['exec', '--interactive', machineName(lab, addon.name), 'sh', '-ec', script, 'sh', path], { deadline, input: text })
  }
}
