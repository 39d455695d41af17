import { describeNetwork } from '@hoplab/cni'
import { phase } from '@hoplab/core'
import { timed, timingsText } from '@hoplab/report'
import { openNew } from '../compose.ts'
import { type CommandContext, printResult } from '../context.ts'
import { requireEngine } from '../engine-help.ts'
import { providerOf } from '../implementations.ts'
import { lockRun } from '../run-lock.ts'

/** `hoplab up LAB` */
export async function run(outer: CommandContext): Promise<number> {
  const { reporter, timings } = timed(outer.reporter)
  const context = { ...outer, reporter }
  const { run: labRun, lab } = await openNew(context, context.args[0] ?? '', { temporary: false })
  await using _connections = labRun
  await requireEngine(await providerOf(labRun.spec.provider.name), context.deadline)
  // Until hand-over the lab is not the learner's: clean and down see by this that somebody makes it.
  await using _held = await lockRun(labRun.spec.name, context.deadline)
  const { reused, cluster } = await phase((event) => reporter.hear(event), `up ${labRun.spec.name}`, () => labRun.up(context.deadline, { recreate: context.flags.recreate === true, startOver: context.flags.startOver === true }))
  const facts = cluster.facts()
  printResult(context, { lab: lab.file.id, name: labRun.spec.name, seed: labRun.spec.seed, reused, cluster: facts, ...(context.flags.timings === true ? { timings } : {}) }, () => [
    `${lab.file.title[context.language]} is ${reused ? 'still ' : ''}up as "${labRun.spec.name}" on ${facts.nodes.length} nodes (Kubernetes ${facts.kubernetes}, ${labRun.spec.installer.name}, kube-proxy ${facts.kubeProxyMode}).`,
    `Its network: ${describeNetwork(labRun.spec.installer.capabilities)}.`,
    ...(lab.file.seed === undefined ? [] : [`Its seed is "${labRun.spec.seed}"; another one makes it another lab.`]),
    ...(context.flags.timings === true ? [timingsText(timings, context.look)] : []),
    ...(context.flags.startOver === true ? ['Everything is forgotten: answers, finished steps, hints taken and solved steps.'] : []),
    'Read the first step with "hoplab next".',
  ].join('\n'))
  return 0
}
