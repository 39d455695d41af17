import type { Evidence } from '@hoplab/model'
import { Broken } from '../probes/broken.ts'
import { textOf } from '../probes/readings.ts'
import { NotMet } from '../kinds/look.ts'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { inNode } from '../scene/node-place.ts'
import { podName } from '../scene/pods.ts'
import { type PodProcesses, statusesOf, tasksFolder } from './runtime.ts'

/** Folder of the runtime's log files of one container: `<attempt>.log` (CRI logging). */
export const logFolder = (pod: Pod, container: string): string => `/var/log/pods/${pod.metadata.namespace}_${pod.metadata.name}_${pod.metadata.uid}/${container}`

/**
 * That a container was restarted inside a sandbox that stayed. The kubelet says how often; the runtime began a log file for each attempt; the
 * sandbox's first process is older than the container's, and its record is older than the last word of the attempt before. One kernel's process
 * times, and one kernel's file times: no clocks of two machines, and none of the API's whole seconds. Throws `NotMet` where it is not so.
 */
export async function outlivedRestart(round: Round, pod: Pod, { sandbox, sandboxId, containers }: PodProcesses, container: string): Promise<Evidence[]> {
  const status = statusesOf(pod).find(({ name }) => name === container)
  const process = containers.find((one) => one.container === container)
  const node = pod.spec?.nodeName ?? ''
  const restarts = status?.restartCount ?? 0
  const api: Evidence = { witness: 'api', command: `hoplab kubectl -n ${pod.metadata.namespace} get pod ${pod.metadata.name}`, observed: `${container} was restarted ${restarts} times`, expected: 'at least once' }
  if (!status || !process) throw new NotMet(`Pod ${podName(pod)} has no running container ${container}.`, [api])
  if (restarts < 1) throw new NotMet(`Container ${container} of Pod ${podName(pod)} has not been restarted, so nothing shows what outlives a restart.`, [api])
  const files = [`${tasksFolder}/${sandboxId}/init.pid`, `${logFolder(pod, container)}/${restarts - 1}.log`]
  const reading = await round.readings.of(node, ['nsenter', '-t', '1', '-m', '--', 'stat', '-c', '%.9Y', ...files])
  const [sandboxAt = Number.NaN, lastWordAt = Number.NaN] = textOf(reading, `when the sandbox and the attempt before of ${podName(pod)} were written`).trim().split('\n').map(Number)
  if (Number.isNaN(sandboxAt) || Number.isNaN(lastWordAt)) throw new Broken(`The file times on ${node} could not be read.`, { hopeless: false })
  const evidence: Evidence[] = [
    api, { witness: 'kernel', observed: `sandbox process began ${((process.began - sandbox.began) / 100).toFixed(2)} s before that of ${container}`, expected: 'the sandbox is older' },
    { witness: 'runtime', command: inNode(round.view, node, `stat -c %y ${files.join(' ')}`), observed: `the sandbox was there ${(lastWordAt - sandboxAt).toFixed(2)} s before the attempt before wrote last`, expected: 'the sandbox is older' },
  ]
  if (sandbox.began >= process.began || sandboxAt >= lastWordAt) throw new NotMet(`The sandbox of Pod ${podName(pod)} is younger than the attempt of ${container} before the restart: the whole Pod was made anew, and with it the network namespace.`, evidence)
  return evidence
}
