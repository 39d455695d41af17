import { openUp } from '../compose.ts'
import type { CommandContext } from '../context.ts'
import { kubectl } from '../kubectl.ts'

/** `hoplab kubectl …` */
export async function run(context: CommandContext): Promise<number> {
  const { run: labRun } = await openUp(context)
  const { deadline } = context
  await using cluster = await labRun.cluster(deadline)
  return kubectl(context.args, { kubeconfig: cluster.kubeconfig, controlPlane: cluster.nodeName('control-plane'), deadline })
}
