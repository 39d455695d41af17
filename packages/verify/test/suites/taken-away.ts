import { Deadline, poll } from '@hoplab/core'
import { describe, expect, test } from 'vitest'
import type { LabView, NodeShell } from '@hoplab/verify'
import type { LiveLab } from '../live-lab.ts'

const client = { pod: { name: 'client' } }
const to = { service: 'hello', port: 80, via: 'cluster-ip' }
/** Longest that a look may take to see that something is gone, in milliseconds: far below every time-out on the way. */
const noticedMs = 20_000

/** What was there at hand-over and is gone is a fail that names it. */
export function takenAway(get: () => LiveLab): void {
  describe('what was taken away after hand-over is a fail that names it, within seconds', () => {
    test('the lab\'s namespace', async () => {
      const lab = get()
      const ref = { apiVersion: 'v1', kind: 'Namespace', name: 'doomed' }
      using deadline = Deadline.start('a namespace comes and goes', 180_000)
      const { kube } = lab.cluster
      await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: ref.name } }, deadline)
      await poll(() => kube.get({ apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace: ref.name }, deadline), { deadline, until: (found) => found !== undefined })
      for (const object of [lab.pod('client', {}, { app: 'client' }), lab.pod('server', {}, { app: 'server' }), lab.service('hello', { app: 'server' })]) await kube.apply({ ...object, metadata: { ...object.metadata, namespace: ref.name } }, deadline)
      const checks = [
        { id: 'reach', kind: 'reach', from: client, to }, { id: 'dns', kind: 'dns', from: client, name: 'hello', expect: { clusterIpOf: { service: 'hello' } } },
        { id: 'endpoints', kind: 'endpoints', service: 'hello' }, { id: 'blocked', kind: 'blocked', from: client, to: { nobody: 'pod-ip', port: 80 }, control: { from: client, to } },
      ]
      const look = (within: number) => lab.verify(checks.map((check) => ({ ...check, within })), { view: { namespaces: [ref.name] } })
      expect((await look(60)).results.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
      await kube.delete(ref, deadline)
      await poll(() => kube.get(ref, deadline), { deadline, until: (found) => found === undefined })
      const { results, ms } = await look(3)
      expect(results.map(({ verdict }) => verdict)).toEqual(checks.map(() => 'fail'))
      expect(results.every(({ why }) => /^There is no (?:Pod client|Service) .*doomed|^There is no Service doomed/u.test(why)), JSON.stringify(results.map(({ why }) => why))).toBe(true)
      expect(ms).toBeLessThan(noticedMs)
    })
    test('CoreDNS, asked at each of its Pods', async () => {
      const lab = get()
      const check = { kind: 'dns', from: client, name: 'hello', expect: { clusterIpOf: { service: 'hello' } }, servers: 'each' } as const
      await lab.scale('coredns', 0)
      const { results: [result], ms } = await lab.verify([{ ...check, within: 5 }])
      await lab.scale('coredns', 2)
      expect(result).toMatchObject({ verdict: 'fail', firstBrokenHop: 'DNS', why: expect.stringMatching(/no DNS Pod is ready|does not resolve/u) })
      expect(ms).toBeLessThan(noticedMs)
      expect((await lab.verify([{ ...check, within: 60 }])).results[0]?.verdict).toBe('pass')
    })
    test('the CNI configuration of one node', async () => {
      const lab = get()
      const check = { kind: 'cni-plugin', nodes: ['worker-2'] } as const
      // Copied, not renamed, on the way back: containerd reads its folder anew when a file in it is written, and passes over one that is moved in (seen here).
      const move = (from: string, into: string) => lab.onNode('worker-2', ['sh', '-c', `cd /proc/1/root && mkdir -p .${into} && cp .${from}/* .${into}/ && rm .${from}/*`])
      await move('/etc/cni/net.d', '/root/net.d')
      try {
        const { results: [result], ms } = await lab.verify([{ ...check, within: 3 }])
        expect(result).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/no network configuration|Ready False/u) })
        expect(ms).toBeLessThan(noticedMs)
      } finally { await move('/root/net.d', '/etc/cni/net.d') }
      expect((await lab.verify([{ ...check, within: 90 }, { kind: 'distribution', from: client, to, backends: { labels: { app: 'hello' } }, backendCount: 2, within: 90 }])).results.map(({ verdict }) => verdict)).toEqual(['pass', 'pass'])
    })
  })
}

/** The harness' own container dies under a check. Afterwards `position` has no toolbox any more: run it last. */
export function toolboxDies(get: () => LiveLab, position: string): void {
  test('a toolbox that is killed in the middle of a check is noticed at once and decides nothing', async () => {
    const lab = get()
    await lab.put(lab.pod('witness', { nodeName: lab.cluster.nodeName(position) }, { app: 'witness' }))
    const from = { pod: { name: 'witness' } }
    const check = { kind: 'blocked', from, to: { nobody: 'pod-ip', port: 8080 }, control: { from, to }, within: 60 }
    expect((await lab.verify([check])).results[0]?.verdict).toBe('pass')
    let killed = 0
    // Killed one second into a batch that waits two for an address where nobody is.
    const shell = (node: string): NodeShell => {
      const inner = lab.cluster.toolbox(node)
      return { node, exec: async (argv, options) => {
        if (argv.at(-1) === 'hoplab-probe' && killed === 0) { killed = performance.now(); setTimeout(() => { killed = performance.now(); void lab.killToolbox(position) }, 1_000) }
        return inner.exec(argv, options)
      } }
    }
    const { results: [result] } = await lab.verify([check], { view: { shell } satisfies Partial<LabView> })
    expect(result).toMatchObject({ verdict: 'inconclusive', points: 0, why: expect.stringContaining('toolbox') })
    expect(performance.now() - killed).toBeLessThan(noticedMs)
  })
}
