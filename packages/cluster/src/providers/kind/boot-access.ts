import { type Deadline, messageOf, poll } from '@hoplab/core'
import type { KubeClient } from '@hoplab/kube'
import { connectWith, type ConnectedClient } from '@hoplab/kube/client-node'
import { parse, stringify } from 'yaml'
import { inspectContainers } from '../../engine/containers.ts'
import { docker } from '../../engine/docker.ts'

interface Kubeconfig { clusters: { cluster: { server: string } }[] }

/**
 * Access to the API server while kubeadm still works. `super-admin.conf` (kubeadm since 1.29) is in group system:masters,
 * which needs no role binding; `admin.conf` is refused until kubeadm has made one.
 */
export async function bootAccess(controlPlane: string, deadline: Deadline): Promise<ConnectedClient> {
  const config = await poll(() => bootKubeconfig(controlPlane, deadline), { deadline, until: (text) => text !== undefined, everyMs: 300, maxEveryMs: 500 })
  const client = await connectWith(config.last ?? '')
  await poll(() => priorityClassesExist(client, deadline), { deadline, until: (ok) => ok === true, everyMs: 200, maxEveryMs: 300 })
  return client
}

async function bootKubeconfig(controlPlane: string, deadline: Deadline): Promise<string | undefined> {
  const [container] = await inspectContainers([controlPlane], deadline)
  const port = container?.ports['6443']
  if (!container?.running || port === undefined) return undefined
  const file = await docker(['exec', controlPlane, 'cat', '/etc/kubernetes/super-admin.conf'], { deadline })
  if (file.exitCode !== 0 || !file.stdout.includes('client-key-data')) return undefined
  const config = parse(file.stdout) as Kubeconfig
  for (const { cluster } of config.clusters) cluster.server = `https://127.0.0.1:${port}`
  return stringify(config)
}

/** The API server makes them in a start-up hook: with them it takes every object that a CNI or a Pod needs. Its own words otherwise. */
async function priorityClassesExist(kube: KubeClient, deadline: Deadline): Promise<true | string> {
  try {
    const found = await kube.get({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', name: 'system-node-critical' }, deadline)
    return found !== undefined || 'no PriorityClass yet'
  } catch (error) {
    deadline.throwIfOver()
    return messageOf(error)
  }
}
