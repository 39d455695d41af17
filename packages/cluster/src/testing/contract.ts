import { Deadline, defineError, HOP_INTERRUPTED, type HopError, type ProgressEvent, silent } from '@hoplab/core'
import { describe, expect, test } from 'vitest'
import type { ClusterProvider, ClusterSpec, NetworkInstaller, RunningCluster } from '../port.ts'

/** What the contract needs beside the provider itself. */
export interface ProviderContractOptions {
  network: () => NetworkInstaller
  /** A spec that works here; the contract uses names of its own that begin with this one's. */
  spec: ClusterSpec
  /** Phases (as told by progress events) in which making a cluster is interrupted. */
  interruptIn: readonly string[]
  /** What is in the engine that must be the same before and after: everything of others. */
  strangers: () => Promise<string>
}

const HOP_TEST_CNI_BROKEN = defineError('HOP_TEST_CNI_BROKEN', {
  exitCode: 3, what: 'The CNI of this test is broken.', why: 'It is meant to be.', fix: 'None.', state: 'Nothing was installed.',
})
const bound = (ms = 400_000, signal?: AbortSignal): Deadline => Deadline.start('contract', ms, signal ? { signal } : {})
const thrown = async (work: Promise<unknown>): Promise<unknown> => work.then(() => undefined, (error: unknown) => error)

/** What every {@link ClusterProvider} promises about making, failing, stopping and removing. Minutes long: real clusters. */
export function clusterProviderContract(name: string, make: () => ClusterProvider, options: ProviderContractOptions): void {
  const { spec, strangers } = options
  const nothingLeftOf = async (lab: string): Promise<void> => {
    using deadline = bound(60_000)
    expect((await make().list(deadline)).filter((found) => found.name === lab)).toEqual([])
    expect(await make().clean({ name: lab, deadline })).toEqual({ containers: [], networks: [], processes: [], folders: [] })
  }

  describe(`cluster provider contract: ${name}`, () => {
    test.each(options.interruptIn)('interrupted in phase "%s": the reason is thrown and nothing is left', async (phase) => {
      const before = await strangers()
      const user = new AbortController()
      using deadline = bound(400_000, user.signal)
      const progress = (event: ProgressEvent): void => { if (event.type === 'phase-start' && event.phase === phase) setTimeout(() => user.abort(HOP_INTERRUPTED()), 1_500) }
      const lab = `${spec.name}-i`
      const error = await thrown(make().ensure({ ...spec, name: lab }, { deadline, progress, network: options.network() }))
      expect((error as HopError).code).toBe('HOP_INTERRUPTED')
      await nothingLeftOf(lab)
      expect(await strangers()).toBe(before)
    })

    test('a CNI that fails half-way: its error is thrown with evidence, and nothing is left', async () => {
      using deadline = bound()
      const lab = `${spec.name}-f`
      const network: NetworkInstaller = { ...options.network(), install: () => Promise.reject(HOP_TEST_CNI_BROKEN()) }
      const error = await thrown(make().ensure({ ...spec, name: lab }, { deadline, progress: silent, network }))
      expect((error as HopError).facts).toMatchObject({ code: 'HOP_TEST_CNI_BROKEN', evidence: expect.any(String) })
      await nothingLeftOf(lab)
    })
  })
}

/** What every {@link RunningCluster} promises, on a cluster that is up already. `again` ensures the same spec once more. */
export function runningClusterContract(name: string, get: () => { provider: ClusterProvider; cluster: RunningCluster; network: NetworkInstaller }): void {
  describe(`running cluster contract: ${name}`, () => {
    test('the same spec is reused, another one refused with what differs', async () => {
      using deadline = bound()
      const { provider, cluster, network } = get()
      const early = (): Promise<void> => Promise.reject(new Error('asked of a cluster that runs already'))
      const again = await provider.ensure(cluster.spec, { deadline, progress: silent, network, early })
      expect(again.runId).toBe(cluster.runId)
      await again[Symbol.asyncDispose]()
      const error = await thrown(provider.ensure({ ...cluster.spec, workers: cluster.spec.workers + 1 }, { deadline, progress: silent, network }))
      expect((error as HopError).facts).toMatchObject({ code: 'HOP_CLUSTER_DIFFERS', exitCode: 2, why: `workers: runs with ${cluster.spec.workers}, asked for ${cluster.spec.workers + 1}` })
      expect((await cluster.health(deadline)).ok).toBe(true)
    })

    test('it is listed as up, and found again by name', async () => {
      using deadline = bound()
      const { provider, cluster, network } = get()
      expect(await provider.list(deadline)).toContainEqual(expect.objectContaining({ name: cluster.spec.name, runId: cluster.runId, state: 'up' }))
      const found = await provider.adopt(cluster.spec.name, { deadline, network })
      expect(found.nodes).toEqual(cluster.nodes)
      expect(await found.kube.version(deadline)).toBe(cluster.facts().kubernetes)
      await found[Symbol.asyncDispose]()
      await found[Symbol.asyncDispose]()
    })

    test('a lab that is not up is a mistake of the caller', async () => {
      using deadline = bound()
      const { provider, network } = get()
      expect((await thrown(provider.adopt('t-no-such-lab', { deadline, network })) as HopError).facts).toMatchObject({ code: 'HOP_LAB_NOT_UP', exitCode: 2 })
    })

    test('nodes are named by position, and their toolboxes report real exit codes', async () => {
      using deadline = bound()
      const { cluster } = get()
      expect(cluster.nodes.map((node) => node.role)).toEqual(['control-plane', ...Array.from({ length: cluster.spec.workers }, () => 'worker')])
      const toolbox = cluster.toolbox('worker-1')
      expect(toolbox.node).toBe(cluster.nodeName('worker-1'))
      expect(await toolbox.exec(['sh', '-c', 'cat; echo seen >&2; exit 7'], { deadline, input: 'given' })).toMatchObject({ exitCode: 7, stdout: 'given', stderr: 'seen\n' })
      expect((await toolbox.exec(['ip', '-4', 'address', 'show', 'eth0'], { deadline })).stdout).toContain(cluster.nodes[1]?.address)
      expect((await toolbox.exec(['no-such-program'], { deadline })).exitCode).toBe(127)
    })

    test('a program in a toolbox ends with its deadline, also inside', async () => {
      using deadline = bound()
      const { cluster } = get()
      using short = deadline.child('short', 1_500)
      const mark = `${3_000 + Math.floor(Math.random() * 1_000)}`
      expect((await thrown(cluster.toolbox('worker-1').exec(['sleep', mark], { deadline: short })) as HopError).code).toBe('HOP_DEADLINE_EXCEEDED')
      await deadline.sleep(3_000)
      expect((await cluster.toolbox('worker-1').exec(['pgrep', '-f', `^sleep ${mark}`], { deadline })).exitCode).toBe(1)
    })
  })
}
