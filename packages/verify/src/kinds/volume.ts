import type { CheckOf, Evidence } from '@hoplab/model'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { onNode } from '../scene/node-place.ts'
import { podName } from '../scene/pods.ts'
import { runningPods } from '../scene/running-pods.ts'
import { type Files, filesOf, type FileSeen, madeAt } from '../witness/file.ts'
import { idOf, type Process, processesOf, statusesOf } from '../witness/runtime.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/**
 * `volume`: the containers see one file at the path, which is not on the file system that any of them has to itself. Witnesses: the kernel's device and
 * inode of the file as each container's process has it; with `afterRestart` also the kubelet's count, and the kernel's times of the file and of the
 * runtime's record of the present process, which are of one clock. Control: the containers' and the node's root directories, which must all differ, or
 * one file would show nothing. Known false pass: a file of the image, which is older than any process (it is on the container's own file system: red);
 * a container that was never restarted. Not told apart: a file that a neighbour wrote while the container was down. Known false fail: judging a file
 * that is added to by its last change; its birth counts where the file system keeps one.
 */
export const volume: CheckKind<'volume'> = {
  async look(spec, round) {
    const pods = runningPods(round, spec.pod)
    const evidence = (await Promise.all(pods.map((pod) => judge(spec, round, pod)))).flat()
    return {
      state: 'green', nodes: [], evidence,
      why: `${spec.containers.join(' and ')} of ${pods.map((pod) => `Pod ${podName(pod)}`).join(', ')} ${spec.containers.length > 1 ? 'see the same' : 'has the'} file ${spec.path} in a volume${spec.afterRestart === undefined ? '' : `, and it is older than the restart of ${spec.afterRestart}`}.`,
    }
  },
}

interface View { container: string; process: Process; files: Files }

async function judge(spec: CheckOf<'volume'>, round: Round, pod: Pod): Promise<Evidence[]> {
  const node = pod.spec?.nodeName ?? ''
  const { containers } = await processesOf(round, pod)
  const chosen = spec.containers.map((container) => {
    const process = containers.find((one) => one.container === container)
    if (!process) throw new NotMet(`Container ${container} of Pod ${podName(pod)} does not run.`)
    return { container, process }
  })
  const [host, ...views] = await Promise.all([filesOf(round, node, 1, '/'), ...chosen.map(async (one): Promise<View> => ({ ...one, files: await filesOf(round, node, one.process.pid, spec.path) }))])
  const evidence = [...views.map((view) => seenBy(round, node, view, spec.path)), rootsEvidence(views, host.root)]
  const file = requireOneFile(pod, views, host.root, evidence, spec.path)
  if (spec.afterRestart !== undefined) evidence.push(...await requireOlder(round, pod, spec.afterRestart, file, evidence, spec.path))
  return evidence
}

function requireOneFile(pod: Pod, views: readonly View[], host: FileSeen, evidence: Evidence[], path: string): FileSeen {
  const roots = [host, ...views.map(({ files }) => files.root)]
  if (new Set(roots.map(({ id }) => id)).size < roots.length) throw new NotMet(`Containers of Pod ${podName(pod)} do not each have a file system of their own, so a file that they share shows nothing.`, evidence)
  for (const { container, files: { root, file } } of views) {
    if (!file) throw new NotMet(`Container ${container} of Pod ${podName(pod)} has no file ${path}.`, evidence)
    if (file.device === root.device) throw new NotMet(`${path} of container ${container} of Pod ${podName(pod)} is on the container's own file system, in no volume: nobody else sees it, and it is gone with the container.`, evidence)
  }
  const [first, ...others] = views
  const odd = others.find(({ files }) => files.file?.id !== first?.files.file?.id)
  if (odd) throw new NotMet(`In Pod ${podName(pod)} ${path} of container ${odd.container} is another file than that of ${first?.container}.`, evidence)
  return first?.files.file as FileSeen
}

async function requireOlder(round: Round, pod: Pod, container: string, { since }: FileSeen, before: readonly Evidence[], path: string): Promise<Evidence[]> {
  const status = statusesOf(pod).find(({ name }) => name === container)
  const restarts = status?.restartCount ?? 0
  const api: Evidence = { witness: 'api', command: `hoplab kubectl -n ${pod.metadata.namespace} get pod ${pod.metadata.name}`, observed: `${container} was restarted ${restarts} times`, expected: 'at least once' }
  if (!status?.state?.running || restarts < 1) throw new NotMet(`Container ${container} of Pod ${podName(pod)} ${status?.state?.running ? 'has not been restarted' : 'does not run'}, so nothing shows what outlives a restart.`, [...before, api])
  const began = await madeAt(round, pod.spec?.nodeName ?? '', idOf(status))
  const age: Evidence = { witness: 'kernel', observed: `${path} was there ${(began - since).toFixed(2)} s before ${container} began anew`, expected: 'the file is older' }
  if (since >= began) throw new NotMet(`${path} of Pod ${podName(pod)} was made after ${container} had been restarted, so it has outlived nothing yet.`, [...before, api, age])
  return [api, age]
}

const seenBy = (round: Round, node: string, { container, process, files: { file } }: View, path: string): Evidence => ({
  witness: 'kernel', command: onNode(round.view, node, `stat /proc/${process.pid}/root${path}`), observed: file ? `${container} has ${path}: device and inode ${file.id}` : `${container} has no ${path}`, expected: 'one file, in a volume',
})

const rootsEvidence = (views: readonly View[], host: FileSeen): Evidence => ({
  witness: 'control', observed: `root directories: the node ${host.id}, ${views.map(({ container, files }) => `${container} ${files.root.id}`).join(', ')}`, expected: 'all different',
})
