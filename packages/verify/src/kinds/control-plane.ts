import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import type { Round } from '../round.ts'
import { inNode } from '../scene/node-place.ts'
import { type ControlNode, type ControlProcess, controlProcessesOn, controlProgram } from '../witness/control-processes.ts'
import { nodeOfHolder, type Renewal, renewalOf } from '../witness/leader-lease.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/** How long a kubelet may take to start a static Pod whose file is there, in milliseconds: one that has just ended is begun anew after more than 6 s (seen here). Without a file nobody starts it. */
const startingMs = 30_000

/**
 * `control-plane`: scheduler and controller manager are at work. Witnesses: the API, where each renews its Lease between two reads, by resourceVersion
 * and renewTime, no clock being asked; the kernel of the node that holds it, where the process is. Control: the API server's own process is seen by
 * the same look. Known false pass: a Pod that is not Ready yet or a Lease that was fresh when its holder died tell of the past (one read shows
 * nothing); somebody else's writes to the Lease (they renew nothing); a Lease that another program keeps, on a node or in a Pod of its own (its holder
 * is no node that has the process); a process that is stopped. Not found out: one that hangs while somebody renews its Lease under its name, and one
 * that leads and yet does nothing for a Pod, which `distribution` and `endpoints` see. Known false fail: a program that has just been started, which
 * waits 15 s for the Lease of the one before.
 */
export const controlPlane: CheckKind<'control-plane'> = {
  async look({ components }, round) {
    const nodes = round.view.nodes.filter(({ role }) => role === 'control-plane').map(({ name }) => name)
    const before = await processesOn(round, nodes)
    const renewals = await Promise.all(components.map((component) => renewalOf(round, component, nodesWith(before, component).length > 0)))
    // Again, so that what is called running has outlived its own renewal.
    const after = await processesOn(round, nodes)
    const evidence = [...renewals.flatMap((renewal) => evidenceOf(round, renewal, after)), controlEvidence(round, after)]
    for (const renewal of renewals) requireAtWork(renewal, after, evidence)
    return { state: 'green', nodes: [], evidence, why: `${components.join(' and ')} ${components.length === 1 ? 'runs and renews its Lease' : 'run and renew their Leases'}.` }
  },
}

type Processes = ReadonlyMap<string, ControlNode>

const processesOn = async (round: Round, nodes: readonly string[]): Promise<Processes> =>
  new Map(await Promise.all(nodes.map(async (node) => [node, await controlProcessesOn(round, node)] as const)))

/** One that is stopped by a signal or a debugger is there and does nothing. */
const isStopped = (process: ControlProcess | undefined): boolean => /[Tt]/u.test(process?.state ?? '')
const nodesWith = (processes: Processes, component: string): string[] => [...processes].filter(([, { programs }]) => programs.has(component) && !isStopped(programs.get(component))).map(([node]) => node)

function requireAtWork({ component, before, after, last }: Renewal, processes: Processes, evidence: Evidence[]): void {
  const [somewhere] = nodesWith(processes, component)
  const hop = `${component} on ${somewhere ?? [...processes.keys()].join()}`
  const [stopped] = [...processes].find(([, { programs }]) => isStopped(programs.get(component))) ?? []
  if (somewhere === undefined && stopped !== undefined) throw new NotMet(`The process of ${component} on ${stopped} is stopped by a signal: it is there and does nothing.`, evidence, hop)
  const asked = [...processes.values()].some((node) => node.asked.has(component))
  if (somewhere === undefined) throw new NotMet(`${component} does not run: no node of the control plane has its process${asked ? '' : ', nor a file that asks the kubelet for it'}.`, evidence, hop, asked ? startingMs : undefined)
  if (!last && !before) throw new NotMet(`${component} runs on ${somewhere} and has no Lease, so it does not lead.`, evidence, hop)
  if (!after) throw new NotMet(plainLine(`${component} runs on ${somewhere} and its Lease was not renewed by anybody${last?.holder ? `; ${last.holder} holds it` : ''}.`, 300), evidence, hop)
  const holder = nodeOfHolder(after.holder)
  if (!processes.get(holder)?.programs.has(component)) throw new NotMet(plainLine(`The Lease of ${component} is renewed by ${after.holder}, and ${processes.has(holder) ? `${holder} has no such process` : 'that is no node of the control plane'}.`, 300), evidence, hop)
}

function evidenceOf(round: Round, { component, before, after, last }: Renewal, processes: Processes): Evidence[] {
  const revisions = `revision ${before?.revision ?? 'none'} → ${(after ?? last)?.revision ?? 'none'}, ${after ? 'renewed' : 'not renewed'}`
  return [
    { witness: 'API', command: `hoplab kubectl -n kube-system get lease ${component} -o yaml`, expected: 'renewed between two reads, by a node that has the process', observed: plainLine(last ? `${component}: held by ${last.holder || 'nobody'}; ${revisions}` : `${component} has no Lease`, 300) },
    ...[...processes].map(([node, { programs }]): Evidence => ({ witness: 'kernel', command: inNode(round.view, node, `pgrep -af ^${component}`), expected: `a process of ${component}`, observed: `${node}: ${describe(programs.get(component))}` })),
  ]
}

const describe = (process: ControlProcess | undefined): string => (process ? `process ${process.pid}, state ${process.state}` : 'no such process')

const controlEvidence = (round: Round, processes: Processes): Evidence => {
  const [[node, found] = ['', undefined]] = [...processes]
  return { witness: 'control', command: inNode(round.view, node, `pgrep -af ^${controlProgram}`), expected: `a process of ${controlProgram}, which answers`, observed: `${node}: ${describe(found?.programs.get(controlProgram))}` }
}
