import { Deadline } from '@hoplab/core'
import { expect, test } from 'vitest'
import { daemonSetPending, deploymentPending } from './rollout.ts'
import { FakeKube } from './testing/fake-kube.ts'

const deadline = Deadline.start('rollout', 280_000)
const deployment = (status: object): FakeKube => new FakeKube([
  { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', namespace: 'default', generation: 3 }, spec: { replicas: 2 }, status },
])
const pending = (status: object): Promise<string[]> => deploymentPending(deployment(status), { namespace: 'default', name: 'a' }, deadline)

test('a Deployment is rolled out only when all its Pods are new and available', async () => {
  expect(await pending({ observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 2 })).toEqual([])
  expect(await pending({ observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 })).toEqual([expect.stringContaining('has not seen')])
  expect(await pending({ observedGeneration: 3, replicas: 2, updatedReplicas: 1, availableReplicas: 2 })).toEqual([expect.stringContaining('newest version')])
  expect(await pending({ observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 1 })).toEqual([expect.stringContaining('1 of 2 Pods available')])
  expect(await pending({ observedGeneration: 3, replicas: 3, updatedReplicas: 2, availableReplicas: 2 })).toEqual([expect.stringContaining('older version')])
  expect(await deploymentPending(new FakeKube(), { namespace: 'default', name: 'a' }, deadline)).toEqual(['Deployment default/a does not exist'])
})

test('a DaemonSet is rolled out when it is on all nodes asked for, or on as many as it is meant for', async () => {
  const pendingOn = (nodeCount: number | undefined, available: number, observedGeneration = 2): Promise<string[]> => daemonSetPending(new FakeKube([
    { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'd', namespace: 'default', generation: 2 }, spec: {}, status: { observedGeneration, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: available } },
  ]), { namespace: 'default', name: 'd' }, nodeCount, deadline)
  expect(await pendingOn(undefined, 2)).toEqual([])
  expect(await pendingOn(undefined, 1)).toEqual(['DaemonSet default/d is available on 1 of 2 nodes'])
  expect(await pendingOn(undefined, 2, 1)).toEqual([expect.stringContaining('has not seen')])
  expect(await pendingOn(3, 2)).toEqual(['DaemonSet default/d is meant to run on 2 of 3 nodes'])
})

test('a missing DaemonSet is named', async () => {
  expect(await daemonSetPending(new FakeKube(), { namespace: 'default', name: 'd' }, 1, deadline)).toEqual(['DaemonSet default/d does not exist'])
})
