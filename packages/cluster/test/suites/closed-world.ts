import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import { Deadline } from '@hoplab/core'
import type { RunningCluster } from '@hoplab/cluster'
import { controlNamespace } from '@hoplab/cluster/kind'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const sorts = ['cluster-ip', 'pod-ip', 'gateway', 'link-local', 'public'] as const

/** Nothing outside answers a lab, and nothing outside sees it. */
export function closedWorld(get: () => RunningCluster): void {
  describe('closed world', () => {
    let listener: Server
    let heard = 0
    beforeAll(async () => {
      listener = createServer((socket) => { heard++; socket.end('reached') }).listen(0, '0.0.0.0')
      await once(listener, 'listening')
    })
    afterAll(() => { listener.close() })

    test('no address of nobody answers, from a node or from a Pod', async () => {
      using deadline = Deadline.start('probe nobody', 200_000)
      const cluster = get()
      const [pod] = await cluster.kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: controlNamespace, fieldSelector: `spec.nodeName=${cluster.nodeName('worker-1')}` }, deadline)
      const hostPort = (listener.address() as { port: number }).port
      const targets = await Promise.all(sorts.map(async (sort) => `${await cluster.nobody(sort, deadline)}:${sort === 'gateway' ? hostPort : 80}`))
      const probes = targets.flatMap((target) => [{ node: true }, { podUid: pod?.metadata.uid }].map((from) => ({ id: `${JSON.stringify(from)} ${target}`, nonce: target, from, kind: 'tcp', target, timeoutMs: 4_000 })))
      const answer = await cluster.toolbox('worker-1').exec(['hoplab-probe'], { deadline, input: JSON.stringify({ batch: 'closed', probes }) })
      const lines = answer.stdout.trim().split('\n').map((line) => JSON.parse(line) as { id?: string; class?: string; end?: string })
      expect(lines.pop()).toMatchObject({ end: 'closed', count: probes.length })
      expect(lines).toHaveLength(probes.length)
      for (const line of lines) expect(['REFUSED', 'UNREACHABLE', 'TIMEOUT'], `${line.id}`).toContain(line.class)
      expect(heard).toBe(0)
    })

    test('CoreDNS asks nobody outside', async () => {
      using deadline = Deadline.start('dns', 200_000)
      const map = await get().kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' }, deadline)
      const corefile = (map?.data as { Corefile?: string } | undefined)?.Corefile ?? ''
      expect(corefile).toContain('kubernetes cluster.local')
      expect(corefile).not.toMatch(/^\s*forward\b/mu)
    })
  })
}
