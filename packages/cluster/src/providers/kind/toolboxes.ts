import { type Deadline, poll } from '@hoplab/core'
import { type ContainerFacts, inspectContainers, removeContainers } from '../../engine/containers.ts'
import { HOP_TOOLBOX_GONE } from '../../errors.ts'
import type { Toolbox } from '../../port.ts'
import { startToolbox } from '../../toolbox/docker-toolbox.ts'
import { nodeNameOf, positions, toolboxName } from './names.ts'
import { closeNode } from './node-firewall.ts'

/** What toolboxes of a cluster have in common. */
export interface ToolboxesSpec { lab: string; runId: string; workers: number; image: string
  /** The host's address, to be closed off; undefined with `--internet`. */
  host: string | undefined
  /** What the plugin asks for: kernel settings of the node's network by name. */
  sysctls: Readonly<Record<string, string>> | undefined }

/** Waits until all node containers run, then puts a toolbox beside each, sets what the plugin asks for, and closes the node off. */
export async function startToolboxes(spec: ToolboxesSpec, deadline: Deadline): Promise<void> {
  const names = positions(spec.workers).map((position) => nodeNameOf(spec.lab, position))
  await poll(() => inspectContainers(names, deadline), {
    deadline, everyMs: 300, maxEveryMs: 300, until: (found) => found.length === names.length && found.every((node) => node.running),
  })
  await Promise.all(positions(spec.workers).map((position) => startOne(spec, position, deadline)))
}

/** Replaces toolboxes that are gone, stopped, or older than their node's last start: then they hold a network namespace nobody uses. */
export async function refreshToolboxes(spec: ToolboxesSpec, containers: readonly ContainerFacts[], deadline: Deadline): Promise<void> {
  const byName = new Map(containers.map((container) => [container.name, container]))
  await Promise.all(positions(spec.workers).map(async (position) => {
    const toolbox = byName.get(toolboxName(spec.lab, position))
    const node = byName.get(nodeNameOf(spec.lab, position))
    if (toolbox?.running && node && Date.parse(toolbox.startedAt) >= Date.parse(node.startedAt)) return
    if (toolbox) await removeContainers([toolbox.id], deadline)
    await startOne(spec, position, deadline)
  }))
}

async function startOne({ lab, runId, image, host, sysctls = {} }: ToolboxesSpec, position: string, deadline: Deadline): Promise<void> {
  const container = toolboxName(lab, position)
  const toolbox = await startToolbox({ container, node: nodeNameOf(lab, position), image, lab, runId }, deadline)
  await setKernel(toolbox, container, sysctls, deadline)
  if (host === undefined) return
  const failed = await closeNode(toolbox, host, deadline)
  if (failed !== undefined) throw HOP_TOOLBOX_GONE({ container, said: `nft could not close the node: ${failed}` })
}

async function setKernel(toolbox: Toolbox, container: string, sysctls: Readonly<Record<string, string>>, deadline: Deadline): Promise<void> {
  const settings = Object.entries(sysctls).map(([name, value]) => `${name}=${value}`)
  if (settings.length === 0) return
  const { exitCode, stderr } = await toolbox.exec(['sysctl', '--write', ...settings], { deadline })
  if (exitCode !== 0) throw HOP_TOOLBOX_GONE({ container, said: `the kernel refused ${settings.join(', ')}: ${stderr}` })
}
