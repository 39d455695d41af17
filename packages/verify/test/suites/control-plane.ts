import { Deadline, poll } from '@hoplab/core'
import { describe, expect, test } from 'vitest'
import type { LiveLab } from '../live-lab.ts'

const check = { kind: 'control-plane' } as const
const folder = '/etc/kubernetes/manifests'

/** Scheduler and controllers on a real control plane: at work, stopped, frozen, and kept up by others. */
export function controlPlane(get: () => LiveLab): void {
  describe('the check of the control plane', () => {
    const shell = (command: string): Promise<string> => get().onNode('control-plane', ['nsenter', '-t', '1', '-m', '--', 'sh', '-euc', command])
    const look = async (over: object = {}) => {
      const { results: [result] } = await get().verify([{ ...check, ...over }])
      if (!result) throw new Error('no result')
      return result
    }
    const gone = (name: string) => {
      using deadline = Deadline.start('a process ends', 30_000)
      return poll(() => shell(`pgrep ^${name} || echo none`), { deadline, until: (found) => found.trim() === 'none' })
    }

    test('is green on a healthy one', async () => {
      const result = await look()
      expect(result).toMatchObject({ verdict: 'pass' })
      expect(result.evidence.map(({ witness }) => witness)).toEqual(['API', 'kernel', 'API', 'kernel', 'control'])
    })
    test('is red without the scheduler, whose Lease is still there, and green as soon as its file is back, for it waits for the Lease', async () => {
      await shell(`mv ${folder}/kube-scheduler.yaml /root/`)
      try {
        await gone('kube-scheduler')
        const result = await look()
        expect(result).toMatchObject({ verdict: 'fail', firstBrokenHop: expect.stringMatching(/^kube-scheduler on /u), why: expect.stringContaining('does not run') })
          expect(await look({ components: ['kube-controller-manager'] })).toMatchObject({ verdict: 'pass' })
      } finally { await shell(`mv /root/kube-scheduler.yaml ${folder}/`) }
      expect(await look()).toMatchObject({ verdict: 'pass' })
    })
    test('is red on a process that is there and frozen, whoever renews its Lease meanwhile', async () => {
      await shell('pkill -STOP ^kube-controller')
      const user = new AbortController()
      try {
        const byHand = renewed(get(), user.signal)
        expect(await look()).toMatchObject({ verdict: 'fail', firstBrokenHop: expect.stringMatching(/^kube-controller-manager on /u), why: expect.stringContaining('is stopped by a signal') })
        user.abort()
        expect(await byHand).toBeGreaterThan(0)
      } finally { await shell('pkill -CONT ^kube-controller') }
      expect(await look()).toMatchObject({ verdict: 'pass' })
    })
  })
}

/** Writes a new renewTime into the controllers' Lease every half second; how often it did. */
async function renewed({ cluster: { kube } }: LiveLab, until: AbortSignal): Promise<number> {
  using deadline = Deadline.start('renew by hand', 60_000)
  let times = 0
  for (; !until.aborted; times += 1) {
    await kube.patch({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-system', name: 'kube-controller-manager' }, 'merge', { spec: { renewTime: new Date().toISOString().replace('Z', '000Z') } }, deadline)
    await deadline.sleep(500)
  }
  return times
}
