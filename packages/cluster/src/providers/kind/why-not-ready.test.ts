import { Deadline, HOP_INTERRUPTED, type ProgressEvent } from '@hoplab/core'
import { FakeKube } from '@hoplab/kube/testing'
import { expect, test } from 'vitest'
import { HOP_NODE_UNKNOWN, HOP_NODES_FAILED } from '../../errors.ts'
import type { NetworkInstaller } from '../../port.ts'
import { whyNotReady } from './why-not-ready.ts'

const network = (faults?: NetworkInstaller['faults']): NetworkInstaller => ({
  name: 'routes', capabilities: { ipam: 'per-node', agent: { namespace: 'a', name: 'a' } }, images: [], memoryGiBPerNode: 1,
  install: async () => {}, pending: async () => ['x'], ...(faults ? { faults } : {}),
})

async function told(faults?: NetworkInstaller['faults']): Promise<{ code: string; why: string; notes: string[] }> {
  using deadline = Deadline.start('why', 280_000)
  const events: ProgressEvent[] = []
  const { code, facts } = await whyNotReady({ name: 't', network: network(faults), kube: new FakeKube(), reasons: ['Node n is not Ready', 'x'] }, deadline, (event) => { events.push(event) })
  return { code, why: facts.why, notes: events.flatMap((event) => (event.type === 'note' ? event.text : [])) }
}

test('a network that knows no fault, or cannot look: what was missing', async () => {
  const missing = { code: 'HOP_CLUSTER_NOT_READY', why: 'Node n is not Ready; x', notes: [] }
  expect(await told()).toEqual(missing)
  expect(await told(async () => [])).toEqual(missing)
  expect(await told(() => Promise.reject(new Error('no API')))).toEqual(missing)
})
test('the network\'s first fault is the error, the others are notes', async () => {
  const { code, notes } = await told(async () => [HOP_NODES_FAILED({ said: 'one' }), HOP_NODE_UNKNOWN({ asked: 'two', known: ['n'] })])
  expect([code, notes]).toEqual(['HOP_NODES_FAILED', ['HOP_NODE_UNKNOWN: There is no node "two". This cluster has n.']])
})
test('an interruption stays one', async () => {
  await expect(told(() => Promise.reject(HOP_INTERRUPTED()))).rejects.toMatchObject({ code: 'HOP_INTERRUPTED' })
})
