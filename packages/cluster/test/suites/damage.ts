import { Deadline, type HopError, poll } from '@hoplab/core'
import { run } from '@hoplab/core/node'
import type { ClusterProvider, NetworkInstaller, RunningCluster } from '@hoplab/cluster'
import { describe, expect, test } from 'vitest'

/** What happens to a cluster that somebody damages. */
export function damageSuite(get: () => { cluster: RunningCluster; provider: ClusterProvider; network: NetworkInstaller }): void {
  describe('damage', () => {
    test('a killed toolbox is told as such, and is there again for the next command', async () => {
      using deadline = Deadline.start('toolbox', 120_000)
      const { cluster, provider, network } = get()
      await run('docker', ['kill', `hoplab-${cluster.spec.name}-toolbox-worker-1`], { deadline })
      const error = await cluster.toolbox('worker-1').exec(['true'], { deadline }).catch((thrown: unknown) => thrown)
      expect((error as HopError).facts).toMatchObject({ code: 'HOP_TOOLBOX_GONE', exitCode: 3 })
      await using again = await provider.adopt(cluster.spec.name, { deadline, network })
      expect((await again.toolbox('worker-1').exec(['true'], { deadline })).exitCode).toBe(0)
    })

    test('health names a Node that is not Ready and a CNI that is gone', async () => {
      using deadline = Deadline.start('health', 300_000)
      const { cluster } = get()
      const flannel = { apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'kube-flannel', name: 'kube-flannel-ds' }
      await cluster.kube.patch(flannel, 'merge', { spec: { template: { spec: { nodeSelector: { nowhere: 'yes' } } } } }, deadline)
      const sick = await poll(() => cluster.health(deadline), { deadline, until: ({ ok }) => !ok, withinMs: 60_000 })
      expect(sick.last.reasons.join(' ')).toContain('kube-flannel-ds')
      await cluster.kube.patch(flannel, 'merge', { spec: { template: { spec: { nodeSelector: { nowhere: null } } } } }, deadline)
      expect((await poll(() => cluster.health(deadline), { deadline, until: ({ ok }) => ok, withinMs: 120_000 })).last.reasons).toEqual([])
    })
  })
}
