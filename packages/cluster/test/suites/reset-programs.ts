import { Deadline, poll } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import type { RunningCluster } from '@hoplab/cluster'
import { imageSet } from '@hoplab/images'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const namespace = 't-programs'
const folder = '/etc/kubernetes/manifests'

/** Types a command on a node, as `hoplab shell node/…` does. */
async function typed(cluster: RunningCluster, position: string, command: string, deadline: Deadline): Promise<string> {
  const { exitCode, stdout, stderr } = await cluster.toolbox(cluster.nodeName(position)).exec(['nsenter', '-t', '1', '-m', '--', 'sh', '-euc', command], { deadline })
  expect({ exitCode, stderr }, command).toEqual({ exitCode: 0, stderr: '' })
  return stdout.trim()
}

/** Which process each program is that the test does not touch. */
async function processesOf(shell: (position: string, command: string) => Promise<string>): Promise<Record<string, string>> {
  const questions: Record<string, readonly [string, string]> = {
    ...Object.fromEntries(['control-plane', 'worker-1'].map((position) => [`kubelet ${position}`, [position, 'systemctl show -p MainPID --value kubelet'] as const])),
    ...Object.fromEntries(['control-plane', 'worker-2'].map((position) => [`containerd ${position}`, [position, 'systemctl show -p MainPID --value containerd'] as const])),
    ...Object.fromEntries(['etcd', 'kube-apiserver', 'kube-controller'].map((name) => [name, ['control-plane', `pgrep -o ^${name}`] as const])),
  }
  return Object.fromEntries(await Promise.all(Object.entries(questions).map(async ([name, question]) => [name, await shell(...question)] as const)))
}

/** How far a Pod gets that is made now: the scheduler gives it this node, whose kubelet and runtime start it. */
async function phaseOfNew(name: string, cluster: RunningCluster, position: string, deadline: Deadline): Promise<string | undefined> {
  const { kube } = cluster
  const nodeSelector = { 'kubernetes.io/hostname': cluster.nodeName(position) }
  await kube.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec: { nodeSelector, containers: [{ name: 'echo', image: imageSet('local').echo }], terminationGracePeriodSeconds: 1 } }, deadline)
  const phaseOf = (pod: KubeObject | undefined): string | undefined => (pod?.status as { phase?: string } | undefined)?.phase
  const seen = await poll(() => kube.get({ apiVersion: 'v1', kind: 'Pod', name, namespace }, deadline), { deadline, until: (pod) => phaseOf(pod) === 'Running', withinMs: 20_000 })
  await kube.delete({ apiVersion: 'v1', kind: 'Pod', name, namespace }, deadline, { gracePeriodSeconds: 0 })
  return phaseOf(seen.last)
}

/** What a node runs beside the API: stopped by hand, started again by a reset. */
export function resetProgramsSuite(get: () => RunningCluster): void {
  describe('reset of what nodes run by themselves', () => {
    let deadline: Deadline
    let baseline: Awaited<ReturnType<RunningCluster['takeBaseline']>>
    beforeAll(async () => {
      deadline = Deadline.start('programs of nodes', 500_000)
      await get().kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, deadline)
      baseline = await get().takeBaseline([namespace], deadline)
    })
    afterAll(async () => {
      await get().kube.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, deadline)
      deadline[Symbol.dispose]()
    })
    const shell = (position: string, command: string): Promise<string> => typed(get(), position, command, deadline)
    const processes = (): Promise<Record<string, string>> => processesOf(shell)
    const starts = (name: string, position: string): Promise<string | undefined> => phaseOfNew(name, get(), position, deadline)

    test('the baseline holds what ran', () => {
      expect(baseline.nodes[get().nodeName('worker-2')]).toMatchObject({ units: 'containerd active\nkubelet active', manifests: '' })
      expect(baseline.nodes[get().nodeName('control-plane')]?.manifests).toContain('"file":"kube-scheduler.yaml"')
    })

    test('a scheduler whose file was moved away, a kubelet and a container runtime that were stopped are at work again, and nothing else was started anew', async () => {
      const before = await processes()
      await shell('control-plane', `mv ${folder}/kube-scheduler.yaml /etc/kubernetes/; cp ${folder}/../kube-scheduler.yaml /tmp/mine.yaml`)
      await Promise.all([shell('worker-2', 'systemctl stop kubelet'), shell('worker-1', 'systemctl stop containerd')])
      await poll(() => shell('control-plane', 'pgrep ^kube-scheduler || echo none'), { deadline, until: (found) => found === 'none', withinMs: 30_000 })
      expect(await get().resetTo(baseline, deadline)).toEqual([])
      // At once, with no more waiting: each of the three has its part in both.
      expect(await Promise.all([starts('one', 'worker-1'), starts('two', 'worker-2')])).toEqual(['Running', 'Running'])
      expect((await get().takeBaseline([namespace], deadline)).nodes).toEqual(baseline.nodes)
      expect(await processes()).toEqual(before)
      expect(await shell('control-plane', `cmp ${folder}/kube-scheduler.yaml /tmp/mine.yaml && stat -c %a ${folder}/kube-scheduler.yaml && rm /tmp/mine.yaml /etc/kubernetes/kube-scheduler.yaml`)).toBe('600')
      expect((await get().health(deadline)).reasons).toEqual([])
    })

    test('controllers with a changed file and a static Pod of somebody are as before; also while the API server is away', async () => {
      await shell('control-plane', `sed -i "s/^    - kube-controller-manager$/&\\n    - --node-monitor-grace-period=1h/" ${folder}/kube-controller-manager.yaml; mv ${folder}/kube-apiserver.yaml /root/`)
      await shell('worker-1', `printf 'apiVersion: v1\\nkind: Pod\\nmetadata: {name: mine}\\nspec: {containers: [{name: a, image: nowhere.invalid/a}]}\\n' > ${folder}/mine.yaml`)
      await poll(() => shell('control-plane', 'pgrep ^kube-apiserver || echo none'), { deadline, until: (found) => found === 'none', withinMs: 90_000 })
      expect(await get().resetTo(baseline, deadline)).toEqual([])
      expect(await starts('three', 'worker-1')).toBe('Running')
      expect(await shell('control-plane', 'rm /root/kube-apiserver.yaml; tr "\\0" " " < /proc/$(pgrep ^kube-controller)/cmdline')).not.toContain('grace-period')
      expect(await shell('worker-1', `ls ${folder}`)).toBe('')
    })
  })
}
