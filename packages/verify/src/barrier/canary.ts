import { Deadline, isAbort, labels } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import type { LabView } from '../port.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { isRunning } from '../scene/pods.ts'
import { controlNamespace, type Snapshot } from '../scene/snapshot.ts'

/** Not 80: rules that a lab plays with should not meet it. */
const port = 18_080
/** Longest one exec of the watcher runs, in seconds; the barrier starts another while its bound allows. */
const watchSeconds = 5
/** Exit code of a watcher that watched and got no answer. */
const silent = 4

/**
 * A Service made now. kube-proxy takes Services and EndpointSlices from two ordered streams and writes all it knows at once, so a node on which
 * the canary answers has also written everything older. No clocks of two machines are compared. Each node is sent to its own control Pod
 * (internalTrafficPolicy Local), so a broken path between nodes does not look like a late kube-proxy. Each verification makes its own: two at
 * the same time do not disturb each other.
 */
export class Canary implements AsyncDisposable {
  readonly #view: LabView
  readonly #address: string
  readonly #name: string

  private constructor(view: LabView, name: string, address: string) {
    this.#view = view
    this.#name = name
    this.#address = address
  }

  /** Makes Service and EndpointSlice. Throws what the client throws. */
  static async release(view: LabView, snapshot: Snapshot, deadline: Deadline): Promise<Canary> {
    const name = `canary-${crypto.randomUUID().slice(0, 8)}`
    const metadata = { name, namespace: controlNamespace, labels: { [labels.role]: 'canary' } }
    const pods = snapshot.pods.filter((pod) => pod.metadata.namespace === controlNamespace && isRunning(pod))
    const [service] = await Promise.all([view.kube.create(serviceOf(metadata), deadline), view.kube.create(sliceOf(metadata, name, pods), deadline)])
    return new Canary(view, name, (service.spec as { clusterIP?: string }).clusterIP ?? '')
  }

  /** Resolves with true as soon as the canary answers on `node`, with false after some seconds without. Throws when the toolbox does not work. */
  async answersOn(node: string, deadline: Deadline): Promise<boolean> {
    const nonce = crypto.randomUUID()
    // One exec waits inside the node: an exec per look would cost more than the waiting. The nonce makes it our server's answer and no other's.
    const script = 'for program in curl grep date sleep; do command -v "$program" >/dev/null || exit 127; done; end=$(($(date +%s)+$3)); while [ "$(date +%s)" -le "$end" ]; do curl -s -m 1 "$1?nonce=$2" 2>/dev/null | grep -qF "$2" && exit 0; sleep 0.05; done; exit "$4"'
    const result = await this.#view.shell(node).exec(['sh', '-c', script, 'canary', `http://${this.#address}:${port}/`, nonce, String(watchSeconds), String(silent)], { deadline })
    // Our own watcher that did not watch says nothing about kube-proxy. 124 is the bound on its way through the toolbox.
    if (![0, silent, 124].includes(result.exitCode)) throw new Error(`the canary could not be asked for on ${node}, its program ended with ${result.exitCode}`)
    return result.exitCode === 0
  }

  /** Removes it; what cannot be removed goes with the cluster. */
  async [Symbol.asyncDispose](): Promise<void> {
    using bound = Deadline.start('remove the canary', 3_000)
    const gone = [{ apiVersion: 'v1', kind: 'Service' }, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }]
      .map((kind) => this.#view.kube.delete({ ...kind, name: this.#name, namespace: controlNamespace }, bound))
    for (const end of await Promise.allSettled(gone)) if (end.status === 'rejected' && isAbort(end.reason) && bound.remainingMs() > 0) throw end.reason
  }
}

function serviceOf(metadata: KubeObject['metadata']): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { internalTrafficPolicy: 'Local', ports: [{ name: 'canary', port, targetPort: 8080 }] } }
}

function sliceOf(metadata: KubeObject['metadata'], service: string, pods: readonly Pod[]): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', ports: [{ name: 'canary', port: 8080, protocol: 'TCP' }],
    metadata: { ...metadata, labels: { ...metadata.labels, 'kubernetes.io/service-name': service, 'endpointslice.kubernetes.io/managed-by': 'hoplab.dev' } },
    endpoints: pods.map((pod) => ({ addresses: [pod.status?.podIP ?? ''], nodeName: pod.spec?.nodeName, conditions: { ready: true } })),
  }
}
