import { canonicalJson, plainLine } from '@hoplab/core'
import type { CheckOf, Evidence } from '@hoplab/model'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { onNode } from '../scene/node-place.ts'
import { podName } from '../scene/pods.ts'
import { runningPods } from '../scene/running-pods.ts'
import { type Interface, interfacesOf, routesIn } from '../witness/inside.ts'
import { type PodProcesses, type Process, processesOf, statusesOf } from '../witness/runtime.ts'
import { outlivedRestart } from '../witness/restart.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/**
 * `namespace`: containers of one Pod share the sandbox's network namespace and see one network. Witnesses: the kernel's identity of each process's
 * namespaces, and interfaces, addresses and routes listed from within each; the lists are compared as data and are never two empty ones, since
 * loopback is always there. Control: the node's own namespace, which must be another. Known false pass: a Pod on the host's network, where all are
 * equal to the node's; a single container; a container that was never restarted. Known false fail: containers that share their processes on
 * purpose, which the author says with `processes: shared`.
 */
export const namespace: CheckKind<'namespace'> = {
  async look(spec, round) {
    const pods = runningPods(round, spec.pod)
    const looks = await Promise.all(pods.map((pod) => judge(spec, round, pod)))
    return {
      state: 'green', nodes: [], evidence: looks.flat(),
      why: `All containers of ${pods.map((pod) => `Pod ${podName(pod)}`).join(', ')} share one network namespace that is not the node's${spec.afterRestart === undefined ? '' : `, and it has outlived a restart of ${spec.afterRestart}`}.`,
    }
  },
}

async function judge(spec: CheckOf<'namespace'>, round: Round, pod: Pod): Promise<Evidence[]> {
  const node = pod.spec?.nodeName ?? ''
  const processes = await processesOf(round, pod)
  const evidence = namespaceEvidence(round, node, processes)
  requireShared(spec, pod, processes, evidence)
  const views = await Promise.all(processes.containers.map(async (process) => ({ process, interfaces: await interfacesOf(round, node, process.pid), routes: await routesIn(round, node, process.pid) })))
  for (const { process, interfaces } of views) evidence.push({ witness: 'container', command: onNode(round.view, node, `nsenter -t ${process.pid} -n ip address`), observed: plainLine(`${process.container} sees ${listed(interfaces)}`, 300), expected: `what ${processes.containers[0]?.container} sees` })
  const [first, ...others] = views
  const odd = others.find((view) => canonicalJson([view.interfaces, view.routes]) !== canonicalJson([first?.interfaces, first?.routes]))
  if (odd) throw new NotMet(`In Pod ${podName(pod)} container ${odd.process.container} sees another network than ${first?.process.container}.`, evidence)
  if (!first?.interfaces.some(({ addresses }) => addresses.some(({ scope }) => scope === 'global'))) throw new NotMet(`Pod ${podName(pod)} has no address but loopback's.`, evidence)
  if (spec.afterRestart !== undefined) evidence.push(...await outlivedRestart(round, pod, processes, spec.afterRestart))
  return evidence
}

function requireShared(spec: CheckOf<'namespace'>, pod: Pod, { host, sandbox, containers }: PodProcesses, evidence: Evidence[]): void {
  const idle = statusesOf(pod).filter(({ state }) => !state?.running).map(({ name }) => name)
  if (containers.length < spec.containers) throw new NotMet(plainLine(`In Pod ${podName(pod)} ${containers.length} of ${spec.containers} containers run${idle.length > 0 ? `; ${idle.join(', ')} do not` : ''}.`, 300), evidence)
  if (sandbox.spaces.net === host.net) throw new NotMet(`Pod ${podName(pod)} uses its node's own network namespace (hostNetwork), so it shares it with everything on the node.`, evidence)
  const apart = containers.find(({ spaces }) => spaces.net !== sandbox.spaces.net)
  if (apart) throw new NotMet(`Container ${apart.container} of Pod ${podName(pod)} is in another network namespace than the Pod's sandbox.`, evidence)
  const ownFiles = new Set(containers.map(({ spaces }) => spaces.mnt))
  if (ownFiles.size < containers.length || ownFiles.has(host.mnt)) throw new NotMet(`Containers of Pod ${podName(pod)} do not each have a file system (mnt namespace) of their own.`, evidence)
  const ownProcesses = new Set(containers.map(({ spaces }) => spaces.pid))
  if (ownProcesses.has(host.pid)) throw new NotMet(`A container of Pod ${podName(pod)} is in its node's process namespace (hostPID).`, evidence)
  const shared = containers.length > 1 && ownProcesses.size === 1
  if (spec.processes === 'separate' ? ownProcesses.size < containers.length : !shared) throw new NotMet(`Containers of Pod ${podName(pod)} ${spec.processes === 'separate' ? 'do not each have a process namespace of their own' : 'do not share one process namespace'}.`, evidence)
}

function namespaceEvidence(round: Round, node: string, { host, sandbox, containers }: PodProcesses): Evidence[] {
  const line = (name: string, { pid, spaces }: Process, expected: string): Evidence => ({
    witness: 'kernel', command: onNode(round.view, node, `ls -l /proc/${pid}/ns`), observed: plainLine(`${name} (process ${pid}): ${spaces.net}, ${spaces.pid}, ${spaces.mnt}`, 200), expected,
  })
  return [
    { witness: 'control', command: onNode(round.view, node, 'ls -l /proc/1/ns'), observed: `${node} itself: ${host.net}`, expected: `not ${sandbox.spaces.net}` },
    line('sandbox', sandbox, 'a network namespace of the Pod'), ...containers.map((one) => line(one.container ?? '?', one, `${sandbox.spaces.net}, own process and file name space`)),
  ]
}

const listed = (interfaces: readonly Interface[]): string => interfaces.map(({ name, addresses }) => `${name} ${addresses.map(({ ip, prefix }) => `${ip}/${prefix}`).join(' ')}`).join(', ')
