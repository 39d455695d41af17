import { type Deadline, labels } from '@hoplab/core'
import { docker, dockerOk, linesOf } from './docker.ts'
import { homeOfMounts } from './marks.ts'

/** A container as we need to know it. */
export interface ContainerFacts {
  id: string
  name: string
  running: boolean
  /** When it was last started, ISO 8601. */
  startedAt: string
  labels: Record<string, string>
  /** Mark of the state folder that it belongs to (see marks.ts); undefined when it carries none. */
  home: string | undefined
  /** Network it was created on, by name; stays when that network is gone. */
  network: string
  /** Address per network. */
  addresses: Record<string, string>
  /** Published TCP ports: container port to host port. */
  ports: Record<string, number>
}

interface Inspected {
  Id: string; Name: string
  State: { Running: boolean; StartedAt: string }
  Config: { Labels: Record<string, string> | null }
  HostConfig: { NetworkMode: string }
  Mounts: { Destination: string }[] | null
  NetworkSettings: { Networks: Record<string, { IPAddress: string }> | null; Ports: Record<string, { HostPort: string }[] | null> | null }
}

/** Every container, running or not, that passes all `filters` (docker ps --filter). */
export async function findContainers(filters: readonly string[], deadline: Deadline): Promise<ContainerFacts[]> {
  const ids = linesOf(await dockerOk(['ps', '--all', '--quiet', '--no-trunc', ...filters.flatMap((filter) => ['--filter', filter])], { deadline }))
  return inspectContainers(ids, deadline)
}

/** Facts of those that exist; a container that is gone is left out. */
export async function inspectContainers(idsOrNames: readonly string[], deadline: Deadline): Promise<ContainerFacts[]> {
  if (idsOrNames.length === 0) return []
  // Exit code 1 only says that one of them is gone; the others are printed.
  const result = await docker(['container', 'inspect', ...idsOrNames], { deadline })
  return (JSON.parse(result.stdout || '[]') as Inspected[]).map(factsOf)
}

function factsOf(found: Inspected): ContainerFacts {
  const networks = Object.entries(found.NetworkSettings.Networks ?? {})
  const ports = Object.entries(found.NetworkSettings.Ports ?? {}).flatMap(([port, bindings]) => (bindings?.[0] ? [[port.replace('/tcp', ''), Number(bindings[0].HostPort)]] : []))
  return {
    id: found.Id, name: found.Name.replace(/^\//u, ''), running: found.State.Running, startedAt: found.State.StartedAt, labels: found.Config.Labels ?? {},
    home: found.Config.Labels?.[labels.home] ?? homeOfMounts((found.Mounts ?? []).map((mount) => mount.Destination)),
    network: found.HostConfig.NetworkMode,
    addresses: Object.fromEntries(networks.map(([name, { IPAddress }]) => [name, IPAddress])), ports: Object.fromEntries(ports) as Record<string, number>,
  }
}

/** Removes containers with their anonymous volumes, all at once; those that are gone already are no error. */
export async function removeContainers(ids: readonly string[], deadline: Deadline): Promise<void> {
  if (ids.length === 0) return
  await docker(['rm', '--force', '--volumes', ...ids], { deadline })
}
