import type { RunningCluster } from '@hoplab/cluster'
import { type Deadline, poll } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import { HOP_LAB_NOT_SETTLED } from './errors.ts'
import type { LabMaterial } from './material.ts'
import { settle } from './roll-outs.ts'
import { applyObjects } from './verbs.ts'

/** Bound of the lab's own roll-outs at set-up. Milliseconds; images are on the nodes already, so this is far more than needed. */
const settleWithinMs = 120_000

/**
 * Makes the lab's namespaces, applies its manifests and waits until all of it is ready.
 * @throws HOP_LAB_NOT_SETTLED (exit 3) when it is not: before hand-over nothing is the learner's fault
 */
export async function setUp(
  cluster: RunningCluster, lab: LabMaterial, options: { name: string; images: Readonly<Record<string, string>>; deadline: Deadline },
): Promise<void> {
  const { deadline, images, name } = options
  const context = { cluster, lab: lab.file, images, where: `lab ${lab.file.id}`, deadline }
  await applyObjects(lab.file.namespaces.map(namespaceObject), context)
  await Promise.all(lab.file.namespaces.map((namespace) => serviceAccountOf(namespace, cluster, deadline)))
  await applyObjects(lab.manifests, context)
  const pending = await settle(cluster.kube, { deadline, namespaces: lab.file.namespaces, withinMs: settleWithinMs })
  if (pending.length > 0) throw HOP_LAB_NOT_SETTLED({ name, reasons: pending.map((one) => one.what) })
}

const namespaceObject = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })

/** The API server refuses Pods until the controller has made this account, some time after the Namespace. */
async function serviceAccountOf(namespace: string, cluster: RunningCluster, deadline: Deadline): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace }
  await poll(() => cluster.kube.get(ref, deadline), { deadline, everyMs: 50, maxEveryMs: 500, until: (account) => account !== undefined })
}
