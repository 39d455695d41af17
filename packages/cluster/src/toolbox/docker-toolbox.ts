import type { Deadline } from '@hoplab/core'
import { labelArguments } from '../engine/marks.ts'
import { dockerOk } from '../engine/docker.ts'
import type { Toolbox } from '../port.ts'
import { ToolboxAgent } from './agent.ts'

/** The toolbox of one node of the cluster that was made by the run `runId`. */
export function dockerToolbox({ node, container, runId }: Pick<ToolboxSpec, 'node' | 'container' | 'runId'>): Toolbox {
  const agent = new ToolboxAgent(container, runId)
  return { node, exec: (argv, options) => agent.exec(argv, options) }
}

/** What a toolbox is started with. */
export interface ToolboxSpec { container: string; node: string; image: string; lab: string; runId: string }

/** Starts a container that shares a node container's network and processes and may do everything there. */
export async function startToolbox(spec: ToolboxSpec, deadline: Deadline): Promise<Toolbox> {
  await dockerOk([
    'run', '--pull', 'never', '--detach', '--name', spec.container, '--privileged', '--network', `container:${spec.node}`, '--pid', `container:${spec.node}`,
    ...labelArguments({ ...spec, role: 'toolbox' }), spec.image,
  ], { deadline })
  return dockerToolbox(spec)
}
