import { Deadline, isAbort, labels, plainLine } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import { Broken } from '../probes/broken.ts'
import type { LabView } from '../port.ts'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { isBackend, isRunning, stateOf } from '../scene/pods.ts'
import { controlNamespace } from '../scene/snapshot.ts'
import { explainPlugin } from './plugin-words.ts'

/** A Pod made now, on one node: what a node's network is worth for Pods to come. Removed when disposed; ends by itself when nobody is left to do that. */
export class FreshPod implements AsyncDisposable {
  readonly node: string
  readonly name: string
  readonly #view: LabView

  private constructor(view: LabView, node: string, name: string) {
    this.#view = view
    this.node = node
    this.name = name
  }

  /** Makes the Pod; waits for nothing. It runs what the node's control Pod runs. Throws {@link Broken} where that is not there. */
  static async make(round: Round, node: string): Promise<FreshPod> {
    const like = controlOn(round, node)
    const name = `fresh-${crypto.randomUUID().slice(0, 8)}`
    await round.view.kube.create(podLike(like, name, node), round.deadline)
    return new FreshPod(round.view, node, name)
  }

  /** The Pod once it runs and has an address; after `patienceMs` milliseconds without, why not, in the kubelet's words. */
  async started(patienceMs: number, deadline: Deadline): Promise<{ pod: Pod } | { why: string }> {
    const bound = deadline.clock.now() + patienceMs
    for (;;) {
      const pod = await this.#view.kube.get({ apiVersion: 'v1', kind: 'Pod', name: this.name, namespace: controlNamespace }, deadline) as Pod | undefined
      if (pod && isRunning(pod)) return { pod }
      if (deadline.clock.now() >= bound) return { why: pod ? await this.#lastWord(pod, deadline) : 'somebody removed it' }
      await deadline.sleep(200)
    }
  }

  async #lastWord(pod: Pod, deadline: Deadline): Promise<string> {
    const events = await this.#view.kube.list({ apiVersion: 'v1', kind: 'Event', namespace: controlNamespace, fieldSelector: `involvedObject.name=${this.name}` }, deadline)
    const warning = events.findLast(({ type }) => type === 'Warning')
    return plainLine(`${stateOf(pod)}${typeof warning?.message === 'string' ? `: ${explainPlugin(warning.message)}` : ''}`, 480)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    using bound = Deadline.start('remove the fresh Pod', 5_000)
    try {
      await this.#view.kube.delete({ apiVersion: 'v1', kind: 'Pod', name: this.name, namespace: controlNamespace }, bound, { gracePeriodSeconds: 1 })
    } catch (thrown) {
      if (isAbort(thrown) && bound.remainingMs() > 0) throw thrown
    }
  }
}

function controlOn(round: Round, node: string): Pod {
  const pod = round.snapshot.pods.find((candidate) => candidate.metadata.namespace === controlNamespace && candidate.spec?.nodeName === node && isBackend(candidate)
    && (candidate.metadata.ownerReferences ?? []).some(({ kind, name }) => kind === 'DaemonSet' && name === 'control'))
  if (!pod) throw new Broken(`There is no Ready control Pod on ${node}, whose image a fresh Pod could run.`, { hopeless: false })
  return pod
}

/** Placed by name: the scheduler and what it thinks of the node do not matter. */
function podLike(like: Pod, name: string, node: string): KubeObject {
  const { image } = like.spec?.containers?.[0] ?? {}
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: controlNamespace, labels: { [labels.role]: 'fresh' } },
    spec: {
      nodeName: node, restartPolicy: 'Never', terminationGracePeriodSeconds: 1, activeDeadlineSeconds: 60, automountServiceAccountToken: false, enableServiceLinks: false,
      tolerations: [{ operator: 'Exists' }], containers: [{ name: 'fresh', image: image ?? '', imagePullPolicy: 'Never' }],
    },
  }
}
