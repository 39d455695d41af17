import { Deadline } from '@hoplab/core'
import { FakeKube } from '@hoplab/kube/testing'
import { describe, expect, test } from 'vitest'
import { routesInstaller } from './index.ts'

const deadline = Deadline.start('routes', 280_000)
const images = { echo: 'registry.test/echo:v1' }
const node = (name: string, podCIDR?: string) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: podCIDR === undefined ? {} : { podCIDR } })

describe('plain routes', () => {
  test('nothing is pending when every node runs the script and has a range; a node without one is named', async () => {
    const kube = new FakeKube([node('n1', '10.244.0.0/24'), node('n2')])
    await routesInstaller().install({ kube, podSubnet: '10.244.0.0/16', images }, deadline)
    const set = await kube.get({ apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'kube-routes', name: 'routes' }, deadline)
    kube.put({ ...set!, metadata: { ...set!.metadata, generation: 1 }, status: { observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 } })
    expect(await routesInstaller().pending({ kube, nodeCount: 2 }, deadline)).toEqual(['Kubernetes has given n2 no range for its Pods'])
    kube.put(node('n2', '10.244.1.0/24'))
    expect(await routesInstaller().pending({ kube, nodeCount: 2 }, deadline)).toEqual([])
    expect(await routesInstaller().pending({ kube, nodeCount: 3 }, deadline)).toEqual(['DaemonSet kube-routes/routes is meant to run on 2 of 3 nodes'])
  })
  test('may list Nodes and nothing more', async () => {
    const kube = new FakeKube()
    await routesInstaller().install({ kube, podSubnet: '10.244.0.0/16', images }, deadline)
    expect((await kube.get({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'kube-routes' }, deadline))?.rules).toEqual([{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }])
  })
})
