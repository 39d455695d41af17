import { rm } from 'node:fs/promises'
import { Deadline, type ProgressEvent, silent } from '@hoplab/core'
import { labFolder } from '@hoplab/core/node'
import type { RunningCluster } from '@hoplab/cluster'
import { kindProvider } from '@hoplab/cluster/kind'
import { clusterProviderContract, runningClusterContract, type UplinkWatch, watchUplink } from '@hoplab/cluster/testing'
import { flannelInstaller } from '@hoplab/cni/flannel'
import { useOwnEngine } from '@hoplab/images'
import type { KubeClient } from '@hoplab/kube'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { specOf } from './programs/spec.ts'
import { closedWorld } from './suites/closed-world.ts'
import { damageSuite } from './suites/damage.ts'
import { killedRemoval } from './suites/killed-removal.ts'
import { kubeSuite } from './suites/kube.ts'
import { resetSuite } from './suites/reset.ts'
import { resetProgramsSuite } from './suites/reset-programs.ts'
import { strangersNow, strangersSuite } from './suites/strangers.ts'

useOwnEngine()
const provider = kindProvider()
const network = flannelInstaller()
const spec = specOf('t-cluster')

describe('one cluster of kind', () => {
  let cluster: RunningCluster
  let uplink: UplinkWatch
  let deadline: Deadline
  const told: string[] = []
  const early = async (kube: KubeClient, bound: Deadline): Promise<void> => {
    await kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'asked-early' } }, bound)
    told.push('asked early')
  }
  beforeAll(async () => {
    deadline = Deadline.start('shared cluster', 1_200_000)
    uplink = await watchUplink(spec.name, deadline)
    const progress = (event: ProgressEvent): void => { if (event.type === 'phase-start') told.push(event.phase) }
    cluster = await provider.ensure(spec, { deadline, progress, network, early })
  })
  afterAll(async () => {
    await uplink?.stop()
    await cluster?.destroy(deadline)
    deadline[Symbol.dispose]()
  })

  test('it is healthy: every Node Ready, CNI rolled out, CoreDNS answers, requests across every pair of nodes', async () => {
    expect(await cluster.health(deadline)).toEqual({ ok: true, reasons: [] })
    expect(cluster.facts()).toMatchObject({ name: 'hoplab-t-cluster', kubeProxyMode: 'iptables', nodes: [{ role: 'control-plane' }, { role: 'worker' }, { role: 'worker' }] })
  })
  test('what the caller wants anyway was asked for once, before the cluster was ready', async () => {
    expect(told.filter((one) => one === 'asked early' || one === 'ready')).toEqual(['asked early', 'ready'])
    expect(await cluster.kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'asked-early' }, deadline)).toBeDefined()
  })
  closedWorld(() => cluster)
  runningClusterContract('kind', () => ({ provider, cluster, network }))
  kubeSuite(() => cluster)
  resetSuite(() => cluster)
  resetProgramsSuite(() => cluster)
  damageSuite(() => ({ cluster, provider, network }))
  test('a second lab comes up beside it on a network of its own, and goes without a trace in the first', async () => {
    const second = await provider.ensure({ ...specOf('t-second'), workers: 0 }, { deadline, progress: silent, network })
    expect(second.nodes).toHaveLength(1)
    expect(second.nodes[0]?.address.split('.').slice(0, 3)).not.toEqual(cluster.nodes[0]?.address.split('.').slice(0, 3))
    expect((await Promise.all([cluster.health(deadline), second.health(deadline)])).map(({ ok }) => ok)).toEqual([true, true])
    await second.destroy(deadline)
    expect(await cluster.health(deadline)).toEqual({ ok: true, reasons: [] })
  })
  test('the machine\'s uplink has seen no packet of a lab since before the network was made', async () => {
    const seen = await uplink.stop()
    expect(seen.everywhere).toBeGreaterThan(50)
    expect(seen.uplink).toEqual([])
  })
  // The last one: it takes the cluster.
  test('a removal that is killed half-way is finished by the next', async () => {
    expect(await killedRemoval(spec.name, provider, deadline)).toEqual({
      containers: [], listed: [], removed: { containers: [], networks: [], processes: [], folders: [] },
    })
  })
})

describe('beside strangers', () => {
  // The evidence of the failure that the contract provokes.
  afterAll(() => rm(labFolder('t-contract-f'), { recursive: true, force: true }))
  strangersSuite(() => ({ provider, installer: network }))
  clusterProviderContract('kind', kindProvider, { network: flannelInstaller, spec: { ...specOf('t-contract'), workers: 1 }, interruptIn: ['network', 'nodes', 'cni'], strangers: strangersNow })
})
