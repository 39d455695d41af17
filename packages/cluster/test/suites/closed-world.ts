import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import { Deadline } from '@hoplab/core'
import { exec, run } from '@hoplab/core/node'
import type { RunningCluster } from '@hoplab/cluster'
import { controlNamespace } from '@hoplab/cluster/kind'
import { imageSet } from '@hoplab/images'
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
      using deadline = Deadline.start('probe nobody', 60_000)
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
      using deadline = Deadline.start('dns', 30_000)
      const map = await get().kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' }, deadline)
      const corefile = (map?.data as { Corefile?: string } | undefined)?.Corefile ?? ''
      expect(corefile).toContain('kubernetes cluster.local')
      expect(corefile).not.toMatch(/^\s*forward\b/mu)
    })
  })
}

/** Captures on the machine's uplink until stopped. A second capture with the same filter on every device proves that the filter catches. */
export async function watchUplink(deadline: Deadline): Promise<{ stop(): Promise<{ uplink: string[]; everywhere: number }> }> {
  const name = 't-uplink-watch'
  const filter = 'net 10.244.0.0/16 or net 10.96.0.0/16 or net 172.28.0.0/16'
  const script = `uplink=$(ip route show default | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p;q')
tcpdump -l -n -i "$uplink" '${filter}' > /uplink.txt 2> /uplink.err &
tcpdump -l -n -i any -c 200 '${filter}' > /everywhere.txt 2>/dev/null &
wait`
  await exec('docker', ['rm', '--force', name], { deadline })
  await run('docker', ['run', '--detach', '--rm', '--name', name, '--label', 'hoplab.dev/role=test', '--network', 'host', '--cap-add', 'NET_ADMIN', '--cap-add', 'NET_RAW',
    '--entrypoint', 'sh', imageSet('local').toolbox, '-c', script], { deadline })
  const read = async (file: string): Promise<string[]> => (await run('docker', ['exec', name, 'cat', file], { deadline })).stdout.split('\n').filter(Boolean)
  let result: { uplink: string[]; everywhere: number } | undefined
  return {
    /** Ends the capture; a second call gives the same. */
    async stop() {
      if (result) return result
      result = { uplink: await read('/uplink.txt'), everywhere: (await read('/everywhere.txt')).length }
      expect((await read('/uplink.err')).join(' ')).toContain('listening on')
      await run('docker', ['rm', '--force', name], { deadline })
      return result
    },
  }
}
