import { type Deadline, labels } from '@hoplab/core'
import { docker, dockerOk, linesOf } from './docker.ts'
import { ofOtherHome } from './marks.ts'

/** A network of the engine. */
export interface NetworkFacts { id: string; name: string; labels: Record<string, string>; subnet: string; gateway: string }

interface Inspected { Id: string; Name: string; Labels: Record<string, string> | null; IPAM: { Config: { Subnet?: string; Gateway?: string }[] | null } }

/** Networks that pass all `filters` (docker network ls --filter). */
export async function findNetworks(filters: readonly string[], deadline: Deadline): Promise<NetworkFacts[]> {
  const ids = linesOf(await dockerOk(['network', 'ls', '--quiet', '--no-trunc', ...filters.flatMap((filter) => ['--filter', filter])], { deadline }))
  if (ids.length === 0) return []
  const found = JSON.parse((await docker(['network', 'inspect', ...ids], { deadline })).stdout || '[]') as Inspected[]
  return found.map((network) => ({
    id: network.Id, name: network.Name, labels: network.Labels ?? {},
    subnet: network.IPAM.Config?.[0]?.Subnet ?? '', gateway: network.IPAM.Config?.[0]?.Gateway ?? '',
  }))
}

/** Ids of the containers that are attached to a network now; none when it is gone. */
export async function attachedTo(network: string, deadline: Deadline): Promise<string[]> {
  const { stdout } = await docker(['network', 'inspect', network], { deadline })
  return (JSON.parse(stdout || '[]') as { Containers: Record<string, unknown> | null }[]).flatMap(({ Containers }) => Object.keys(Containers ?? {}))
}

/** The network of exactly this name. */
export async function networkNamed(name: string, deadline: Deadline): Promise<NetworkFacts | undefined> {
  return (await findNetworks([`name=^${name}$`], deadline)).find((network) => network.name === name)
}

/** All networks of ours, or those of one lab. Those of another state folder are not. */
export async function ourNetworks(deadline: Deadline, lab?: string): Promise<NetworkFacts[]> {
  const found = await findNetworks([`label=${lab === undefined ? labels.lab : `${labels.lab}=${lab}`}`], deadline)
  return found.filter((network) => !ofOtherHome(network.labels[labels.lab] ?? '', network.labels[labels.home]))
}
