import { labels } from '@hoplab/core'
import { expect, test } from 'vitest'
import type { ContainerFacts } from '../../engine/containers.ts'
import { HOP_NETWORK_IN_USE } from '../../errors.ts'
import { clusterName, kindClusterLabel } from './names.ts'
import { foreignOf } from './remove.ts'

const container = (name: string, facts: Partial<ContainerFacts>): ContainerFacts =>
  ({ id: name, name, running: true, startedAt: '', labels: {}, network: 'bridge', addresses: {}, ports: {}, ...facts })

test('only what is not of the lab keeps its network from being removed', () => {
  const attached = [
    container('toolbox', { labels: { [labels.lab]: 'a' } }),
    container('node', { labels: { [kindClusterLabel]: clusterName('a') }, network: clusterName('a') }),
    container('stranger', {}),
    container('of-another-lab', { labels: { [labels.lab]: 'b' } }),
  ]
  expect(foreignOf('a', attached)).toEqual(['stranger', 'of-another-lab'])
  expect(foreignOf('a', [])).toEqual([])
})

test('the refusal names the container, the engine\'s words and a command', () => {
  const { facts, exitCode } = HOP_NETWORK_IN_USE({ network: 'hoplab-a', containers: ['stranger'], said: 'has active endpoints' })
  expect(exitCode).toBe(3)
  expect(facts).toMatchObject({ what: expect.stringContaining('stranger'), why: 'has active endpoints', fix: expect.stringContaining('docker network disconnect --force hoplab-a stranger') })
})
