import { Deadline, poll } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import type { RunningCluster } from '@hoplab/cluster'
import { imageSet } from '@hoplab/images'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const namespace = 't-reset'
const labels = { app: 'hello' }
const pod = { containers: [{ name: 'echo', image: imageSet('local').echo, readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 } }], terminationGracePeriodSeconds: 1 }
const objects: KubeObject[] = [
  { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'hello', namespace }, spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } } },
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'hello', namespace }, spec: { selector: { app: 'wrong' }, ports: [{ port: 80, targetPort: 9 }] } },
  { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'client', namespace }, spec: pod },
]

async function setUp(kube: KubeClient, deadline: Deadline): Promise<void> {
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, deadline)
  await poll(() => kube.get({ apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace }, deadline), { deadline, until: (found) => found !== undefined })
  for (const object of objects) await kube.apply(object, deadline)
  await poll(() => kube.list({ apiVersion: 'v1', kind: 'Pod', namespace }, deadline), {
    deadline, until: (pods) => pods.length === 2 && pods.every((one) => JSON.stringify(one.status).includes('"type":"Ready"') && !JSON.stringify(one.status).includes('"status":"False"')), withinMs: 60_000,
  })
}

/** Objects come back in place; what cannot be put back is named. */
export function resetSuite(get: () => RunningCluster): void {
  describe('baseline and reset', () => {
    let deadline: Deadline
    const service = { apiVersion: 'v1', kind: 'Service', name: 'hello', namespace }
    let baseline: Awaited<ReturnType<RunningCluster['takeBaseline']>>
    beforeAll(async () => {
      deadline = Deadline.start('reset', 400_000)
      await setUp(get().kube, deadline)
      baseline = await get().takeBaseline([namespace], deadline)
    })
    afterAll(async () => {
      await get().kube.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, deadline)
      deadline[Symbol.dispose]()
    })

    test('an untouched lab has no difference', async () => {
      expect(await get().resetTo(baseline, deadline)).toEqual([])
    })

    test('changes of objects are undone: changed, added, deleted, immutable fields, cluster configuration', async () => {
      const { kube } = get()
      const address = (await kube.get(service, deadline))?.spec as { clusterIP?: string } | undefined
      await kube.patch(service, 'merge', { spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] } }, deadline)
      await kube.delete({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'hello', namespace }, deadline)
      await kube.delete({ apiVersion: 'v1', kind: 'Pod', name: 'client', namespace }, deadline, { gracePeriodSeconds: 0 })
      await kube.create({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'extra', namespace }, spec: { podSelector: {} } }, deadline)
      await kube.patch({ apiVersion: 'v1', kind: 'ConfigMap', name: 'coredns', namespace: 'kube-system' }, 'merge', { metadata: { labels: { touched: 'yes' } } }, deadline)
      await kube.patch({ apiVersion: 'v1', kind: 'Node', name: get().nodeName('worker-1') }, 'merge', { spec: { unschedulable: true } }, deadline)
      expect(await get().resetTo(baseline, deadline)).toEqual([])
      expect((await kube.get(service, deadline))?.spec).toMatchObject({ clusterIP: address?.clusterIP, selector: { app: 'wrong' } })
      expect((await get().health(deadline)).reasons).toEqual([])
    })

    test('a deleted namespace is made again with all that was in it', async () => {
      await get().kube.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, deadline)
      expect(await get().resetTo(baseline, deadline)).toEqual([])
    })

    test('a change on a node is named with the node and what it was', async () => {
      const node = get().nodeName('worker-2')
      await get().toolbox(node).exec(['ip', 'route', 'add', 'blackhole', '10.99.0.0/16'], { deadline })
      expect(await get().resetTo(baseline, deadline)).toEqual([expect.objectContaining({ where: node, what: 'routes', baseline: '', now: expect.stringContaining('10.99.0.0/16') })])
      await get().toolbox(node).exec(['ip', 'route', 'del', 'blackhole', '10.99.0.0/16'], { deadline })
    })
  })
}
