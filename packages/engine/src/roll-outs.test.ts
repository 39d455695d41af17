import { Deadline } from '@hoplab/core'
import { FakeKube, fakeTypes } from '@hoplab/kube/testing'
import { expect, test } from 'vitest'
import { pending } from './roll-outs.ts'

const pod = (name: string, annotations: Record<string, string> = {}) =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', annotations }, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] } })

test('Pods of an older form are waited for, unless nobody replaces them', async () => {
  using deadline = Deadline.start('test', 280_000)
  const set = (name: string, type: string) => ({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name, namespace: 'kube-system' }, spec: { updateStrategy: { type } },
    status: { desiredNumberScheduled: 2, currentNumberScheduled: 2, numberAvailable: 2, updatedNumberScheduled: 0 } })
  const kube = new FakeKube([set('rolling', 'RollingUpdate'), set('left-alone', 'OnDelete')])
  kube.types = [...fakeTypes, { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', namespaced: true, verbs: ['list'] }]
  expect((await pending(kube, [], deadline)).map(({ what }) => what)).toEqual(['DaemonSet kube-system/rolling: 2 of 2 available, 0 of the newest form'])
})

test('a Pod that is not Ready is waited for, unless it says that it never will be', async () => {
  using deadline = Deadline.start('test', 280_000)
  const kube = new FakeKube([pod('late'), pod('never', { 'hoplab.dev/never-ready': 'true' }), pod('other', { 'hoplab.dev/never-ready': 'no' })])
  kube.types = [...fakeTypes, { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', namespaced: true, verbs: ['list'] }]
  expect((await pending(kube, ['default'], deadline)).map(({ what }) => what)).toEqual(['Pod default/late is not ready (Running)', 'Pod default/other is not ready (Running)'])
})
