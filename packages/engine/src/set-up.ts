import type { RunningCluster } from '@hoplab/cluster'
import { type Deadline, poll } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import { HOP_LAB_NOT_SETTLED } from './errors.ts'
import type { LabMaterial } from './material.ts'
import { hasLiveValue } from './live-values.ts'
import { settle } from './roll-outs.ts'
import { applyObjects } from './verbs.ts'

/** Bound of the lab's own roll-outs at set-up. Milliseconds; images are on the nodes already, so this is far more than needed. */
const settleWithinMs = 120_000

/** Names of images in the lab's manifests → true references, and the bound of the work. */
interface SetUpOptions { images: Readonly<Record<string, string>>; deadline: Deadline }

/**
 * Makes the lab's namespaces, applies its manifests and waits until all of it is ready. Those with live values come last, when what they name is ready.
 * @throws HOP_LAB_NOT_SETTLED (exit 3) when it is not: before hand-over nothing is the learner's fault
 */
export async function setUp(cluster: RunningCluster, lab: LabMaterial, { name, ...options }: SetUpOptions & { name: string }): Promise<void> {
  const settled = async (manifests: readonly KubeObject[]): Promise<void> => {
    await apply(cluster.kube, { ...lab, manifests }, options)
    const pending = await settle(cluster.kube, { deadline: options.deadline, namespaces: lab.file.namespaces, withinMs: settleWithinMs })
    if (pending.length > 0) throw HOP_LAB_NOT_SETTLED({ name, reasons: pending.map((one) => one.what) })
  }
  await settled(lab.manifests.filter((one) => !hasLiveValue(one)))
  const live = lab.manifests.filter(hasLiveValue)
  if (live.length > 0) await settled(live)
}

/**
 * The first part of {@link setUp}, asked of a cluster that is still coming up, so that the lab's Pods start with the cluster's own. What could keep the
 * cluster from becoming ready waits for `setUp`, and so does to tell what fails.
 */
export async function setUpEarly(kube: KubeClient, lab: LabMaterial, options: SetUpOptions): Promise<void> {
  await apply(kube, { ...lab, manifests: lab.manifests.filter((one) => staysInItsPods(one) && !hasLiveValue(one)) }, options).catch(() => {})
}

/** Kinds that change nothing outside of their namespace but by the Pods they make. */
const namespaced = new Set(['ConfigMap', 'Secret', 'Service', 'Pod', 'Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet', 'Job'])

/** Whether it leaves the nodes' network as it is: a lab may begin with a network that something broke, and a Pod with a part of the node can do that. */
function staysInItsPods({ kind, spec }: KubeObject): boolean {
  const { template, ...own } = (spec ?? {}) as { template?: { spec?: PodReach } } & PodReach
  const { hostNetwork, hostPID, volumes = [], containers = [], initContainers = [] } = template?.spec ?? own
  return namespaced.has(kind) && !hostNetwork && !hostPID && !volumes.some(({ hostPath }) => hostPath) && ![...containers, ...initContainers].some(({ securityContext }) => securityContext?.privileged)
}

/** What a Pod may reach beyond itself. */
interface PodReach { hostNetwork?: boolean; hostPID?: boolean; volumes?: { hostPath?: object }[]; containers?: Contained[]; initContainers?: Contained[] }
interface Contained { securityContext?: { privileged?: boolean } }

async function apply(kube: KubeClient, lab: LabMaterial, { images, deadline }: SetUpOptions): Promise<void> {
  const context = { cluster: { kube }, lab: lab.file, images, deadline }
  await applyObjects(lab.file.namespaces.map(namespaceObject), context)
  await Promise.all(lab.file.namespaces.map((namespace) => serviceAccountOf(namespace, kube, deadline)))
  await applyObjects(lab.manifests, context)
}

const namespaceObject = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })

/** The API server refuses Pods until the controller has made this account, some time after the Namespace. */
async function serviceAccountOf(namespace: string, kube: KubeClient, deadline: Deadline): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace }
  await poll(() => kube.get(ref, deadline), { deadline, everyMs: 50, maxEveryMs: 500, until: (account) => account !== undefined })
}
