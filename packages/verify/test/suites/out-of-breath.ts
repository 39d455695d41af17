import { setTimeout as pause } from 'node:timers/promises'
import { Deadline } from '@hoplab/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LiveLab } from '../live-lab.ts'

// Without a readiness probe: no kubelet calls it unready meanwhile.
const reach = { kind: 'reach', from: { pod: { name: 'client' } }, to: { pod: { name: 'slow' }, port: 8080 }, count: 10 } as const

/** So long that silence may be explained, and so short that the control Pod still answers itself in time. Milliseconds. */
const withoutMs = 1_300
const withMs = 300

/** Takes the processor from the control Pod of a worker again and again, for a minute at most, until it is disposed of. */
class Starved implements AsyncDisposable {
  readonly #over = new AbortController()
  readonly #ended: Promise<void>

  constructor(lab: LiveLab, position: string, podUid: string) { this.#ended = this.#starve(lab, position, podUid) }

  async #starve(lab: LiveLab, position: string, podUid: string): Promise<void> {
    const signal = (name: string) => lab.onNode(position, ['bash', '-c', `for pid in $(pgrep -x echo); do grep -q ${podUid.replaceAll('-', '[-_]')} /proc/$pid/cgroup && kill -${name} $pid && exit; done; exit 1`])
    using deadline = Deadline.start('starve a control Pod', 200_000)
    while (!this.#over.signal.aborted && deadline.remainingMs() > 2 * withoutMs) {
      await signal('STOP')
      await pause(withoutMs)
      await signal('CONT')
      await pause(withMs)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort()
    await this.#ended
  }
}

/** What silence says of the lab while Pods of a node wait for a processor. */
export function outOfBreath(live: () => LiveLab): void {
  describe('silence where Pods wait for a processor', () => {
    const rule = async () => ['FORWARD', '-d', await live().addressOf('slow'), '-p', 'tcp', '--dport', '8080', '-j', 'DROP']
    beforeAll(async () => {
      await live().put(live().pod('slow', { nodeName: live().cluster.nodeName('worker-2') }))
      expect((await live().verify([{ ...reach, within: 60 }])).results).toMatchObject([{ verdict: 'pass' }])
      await live().onNode('worker-2', ['iptables', '-w', '-I', ...await rule()])
    })
    afterAll(async () => {
      await live().onNode('worker-2', ['iptables', '-w', '-D', ...await rule()])
      await live().remove('Pod', 'slow')
    })
    test('is no red, and it is told who waited for how long', async () => {
      using deadline = Deadline.start('find the control Pod', 200_000)
      const pods = await live().cluster.kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'hoplab-control' }, deadline)
      const control = pods.find(({ spec }) => (spec as { nodeName?: string }).nodeName === live().cluster.nodeName('worker-2'))
      await using _starved = new Starved(live(), 'worker-2', control?.metadata.uid ?? 'none')
      const { results: [result] } = await live().verify([{ ...reach, within: 6 }])
      expect(result).toMatchObject({ verdict: 'inconclusive', points: 0, why: expect.stringMatching(/^The machine was out of breath: on \S+worker2 a Pod waited 1\.\d s for a processor, .* Seen was: .*no answer in time/u) })
    })
    test('is a red once nobody waits', async () => {
      expect((await live().verify([reach])).results).toMatchObject([{ verdict: 'fail', firstBrokenHop: 'FORWARD on worker-2' }])
    })
  })
}
