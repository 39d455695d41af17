import { Deadline } from '@hoplab/core'
import { FakeKube, fakeTypes } from '@hoplab/kube/testing'
import { expect, test } from 'vitest'
import { pending } from './roll-outs.ts'

const pod = (name: string, annotations: Record<string, string> = {}) =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', annotations }, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] } })

test('a Pod that is not Ready is waited for, unless it says that it never will be', async () => {
  using deadline = Deadline.start('test', 10_000)
  const kube = new FakeKube([pod('late'), pod('never', { 'hoplab.dev/never-ready': 'true' }), pod('other', { 'hoplab.dev/never-ready': 'no' })])
  kube.types = [...fakeTypes, { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', namespaced: true, verbs: ['list'] }]
  expect((await pending(kube, ['default'], deadline)).map(({ what }) => what)).toEqual(['Pod default/late is not ready (Running)', 'Pod default/other is not ready (Running)'])
})
