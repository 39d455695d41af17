import { labels } from '@hoplab/core'
import { expect, test } from 'vitest'
import type { ContainerFacts } from '../../engine/containers.ts'
import { homeMark } from '../../engine/marks.ts'
import { HOP_NETWORK_IN_USE } from '../../errors.ts'
import { clusterName, kindClusterLabel } from './names.ts'
import { foreignOf } from './remove.ts'

const container = (name: string, facts: Partial<ContainerFacts>): ContainerFacts =>
  ({ id: name, name, running: true, startedAt: '', labels: {}, home: undefined, network: 'bridge', addresses: {}, ports: {}, ...facts })

test('only what is not of the lab keeps its network from being removed', () => {
  const attached = [
    container('toolbox', { labels: { [labels.lab]: 'a' }, home: homeMark() }),
    container('node', { labels: { [kindClusterLabel]: clusterName('a') }, network: clusterName('a'), home: homeMark() }),
    container('stranger', {}),
    container('of-another-lab', { labels: { [labels.lab]: 'b' } }),
    container('of-another-home', { labels: { [labels.lab]: 'a' }, home: 'ffffffffffff' }),
    container('node-of-another-home', { labels: { [kindClusterLabel]: clusterName('a') }, network: clusterName('a'), home: 'ffffffffffff' }),
    container('unmarked-and-not-remembered', { labels: { [labels.lab]: 'a' } }),
  ]
  expect(foreignOf('a', attached)).toEqual(['stranger', 'of-another-lab', 'of-another-home', 'node-of-another-home', 'unmarked-and-not-remembered'])
  expect(foreignOf('a', [])).toEqual([])
})

test('the refusal names the container, the engine\'s words and a command', () => {
  const { facts, exitCode } = HOP_NETWORK_IN_USE({ network: 'hoplab-a', containers: ['stranger'], said: 'has active endpoints' })
  expect(exitCode).toBe(3)
  expect(facts).toMatchObject({ what: expect.stringContaining('stranger'), why: 'has active endpoints', fix: expect.stringContaining('docker network disconnect --force hoplab-a stranger') })
})
