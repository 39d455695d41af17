import { Deadline } from '@hoplab/core'
import { type KubeObject, refused } from '@hoplab/kube'
import { FakeKube } from '@hoplab/kube/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Baseline } from '../port.ts'
import { restorePrograms } from './node-programs.ts'
import type { BaselineSubject } from './take.ts'

const deadline = Deadline.start('programs', 280_000)
const node = 'n1'
const scheduler = 'apiVersion: v1\nkind: Pod\nmetadata: {name: kube-scheduler, namespace: kube-system}\n'
const etcd = 'apiVersion: v1\nkind: Pod\nmetadata: {name: etcd, namespace: kube-system}\n'
const manifests = (files: Record<string, string>): string => Object.entries(files).map(([file, text]) => JSON.stringify({ file, text })).join('\n')
const baseline: Pick<Baseline, 'nodes'> = { nodes: { [node]: { units: 'containerd active\nkubelet active', manifests: manifests({ 'etcd.yaml': etcd, 'kube-scheduler.yaml': scheduler }) } } }
const lease = (namespace: string, name: string): KubeObject => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } })
const ready = { status: { conditions: [{ type: 'Ready', status: 'True' }] } }

/** A node that does what it is told, and a kubelet that does its work when `awake`. */
class FakeNode {
  readonly kube = new FakeKube([{ apiVersion: 'v1', kind: 'Node', metadata: { name: node }, ...ready }, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-node-lease' } }])
  readonly units = new Map([['kubelet', 'active'], ['containerd', 'active']])
  readonly files = new Map([['etcd.yaml', etcd], ['kube-scheduler.yaml', scheduler]])
  /** Everything it was told to change, and every Pod that a kubelet started or ended. */
  readonly events: string[] = []
  /** Whether the scheduler leads once it runs. */
  leads = true
  readonly #runs = new Set<string>()

  constructor() {
    this.kube.put(lease('kube-node-lease', node))
    this.kube.put(lease('kube-system', 'kube-scheduler'))
    this.live()
    this.events.length = 0
  }
  get subject(): BaselineSubject {
    return { kube: this.kube, nodes: [{ name: node }], cniNamespace: 'cni', toolbox: () => ({ node, exec: async (_argv, { input = '' }) => ({ exitCode: 0, stdout: this.#told(input), stderr: '', durationMs: 1 }) }) }
  }
  /** What a kubelet does all the time. */
  live(): void {
    if (this.units.get('kubelet') !== 'active') return
    this.kube.put(lease('kube-node-lease', node))
    const wanted = new Map([...this.files].map(([file, text]) => [`${/name: ([\w-]+)/u.exec(text)?.[1]}-${node}`, `${file} ${text}`]))
    for (const name of this.#runs) if (!wanted.has(name)) { this.#runs.delete(name); this.events.push(`ended ${name}`); void this.kube.objects.delete(`v1 Pod kube-system/${name}`) }
    for (const name of wanted.keys()) {
      if (!this.#runs.has(name)) { this.#runs.add(name); this.events.push(`started ${name}`) }
      this.kube.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'kube-system', annotations: { 'kubernetes.io/config.mirror': 'x' } }, spec: { nodeName: node }, ...ready })
    }
    if (this.leads && this.#runs.has(`kube-scheduler-${node}`)) this.kube.put(lease('kube-system', 'kube-scheduler'))
  }
  #told(input: string): string {
    if (input.includes('is-active')) {
      return [...input.matchAll(/^echo '(\S+) (\w+)'/gmu)].map(([, mark = '', aspect]) => (aspect === 'end' ? `${mark} end\n` : `${mark} ${aspect}\n${this.#aspect(aspect)}`)).join('')
    }
    for (const line of input.split('\n')) this.#obey(line)
    return ''
  }
  #obey(line: string): void {
    const [, unit] = /systemctl start (\w+)'$/u.exec(line) ?? []
    const [, gone] = /^rm -f '(.*)'$/u.exec(line) ?? []
    const [, encoded = '', written] = /^printf %s '(\S*)' \| base64 -d > '\..*' && mv '\..*' '(.*)'$/u.exec(line) ?? []
    if (unit) { this.units.set(unit, 'active'); this.events.push(`start ${unit}`) }
    if (gone) { this.files.delete(gone.replaceAll(String.raw`'\''`, "'")); this.events.push(`rm ${gone}`) }
    if (written) { this.files.set(written, Buffer.from(encoded, 'base64').toString()); this.events.push(`write ${written}`) }
  }
  #aspect(aspect: string | undefined): string {
    if (aspect === 'units') return [...this.units].map(([unit, state]) => `${unit} ${state}\n`).join('')
    return [...this.files].map(([file, text]) => `${Buffer.from(text).toString('base64')} ${file}\n`).join('')
  }
}

describe('what nodes run by themselves', () => {
  let there: FakeNode
  beforeEach(() => {
    there = new FakeNode()
    const living = setInterval(() => there.live(), 50)
    return () => clearInterval(living)
  })
  const restore = (bound = deadline, of: Pick<Baseline, 'nodes'> = baseline): ReturnType<typeof restorePrograms> => restorePrograms(there.subject, of as Baseline, bound)

  test('is left alone when nothing is missing, and where a baseline of an older hoplab does not tell', async () => {
    expect(await restore()).toBeUndefined()
    there.units.set('kubelet', 'inactive')
    expect(await restore(deadline, { nodes: { [node]: { routes: '' } } })).toBeUndefined()
    expect(there.events).toEqual([])
  })
  test('a stopped unit is started, and its report is waited for', async () => {
    there.units.set('kubelet', 'inactive')
    expect(await restore()).toEqual([])
    expect(there.events).toEqual(['start kubelet'])
  })
  test('a file that was moved away is written back whole', async () => {
    there.files.delete('kube-scheduler.yaml')
    expect(await restore()).toEqual([])
    expect(there.files.get('kube-scheduler.yaml')).toBe(scheduler)
    expect(there.events.slice(-3)).toEqual([`ended kube-scheduler-${node}`, 'write kube-scheduler.yaml', `started kube-scheduler-${node}`])
  })
  test('a file that says something else goes first, so that the kubelet sees a change even if it slept meanwhile; a foreign one goes for good', async () => {
    there.files.set('kube-scheduler.yaml', `${scheduler}# mine\n`)
    there.files.set('it\'s mine.yaml', etcd.replace('etcd', 'mine'))
    await new Promise((resolve) => { setTimeout(resolve, 100) })
    there.events.length = 0
    there.units.set('kubelet', 'failed')
    expect(await restore()).toEqual([])
    expect(there.events).toEqual([expect.stringMatching(/^rm it/u), 'rm kube-scheduler.yaml', 'start kubelet', `ended kube-scheduler-${node}`, `ended mine-${node}`, 'write kube-scheduler.yaml', `started kube-scheduler-${node}`])
  })
  test('while the API server is away nobody is asked, and it is waited for', async () => {
    there.files.delete('etcd.yaml')
    const { list } = there.kube
    there.kube.list = () => (there.files.has('etcd.yaml') ? list.apply(there.kube, [{ apiVersion: 'v1', kind: 'Pod' }, deadline]) : Promise.reject(refused('GET', 503, 'no', 'nobody answers')))
    expect(await restore()).toEqual([])
    expect(there.files.get('etcd.yaml')).toBe(etcd)
  })
  test.each([
    ['its kubelet has not reported', () => { there.units.set('kubelet', 'inactive'); there.live = () => {} }],
    ['the Node is not Ready', () => { there.units.set('containerd', 'inactive'); there.kube.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: node }, status: { conditions: [{ type: 'Ready', status: 'False' }] } }) }],
    ['static Pod kube-scheduler does not renew its Lease', () => { there.files.delete('kube-scheduler.yaml'); there.leads = false }],
    ['static Pod kube-scheduler is not Ready', () => { there.files.delete('kube-scheduler.yaml'); there.live(); there.live = () => {} }],
  ])('what does not come back is named: %s', async (now, harm) => {
    harm()
    const clock = { ...deadline.clock, passed: 0 }
    using fast = Deadline.start('programs', 400_000, { clock: { now: () => clock.passed, timestamp: () => '', sleep: async (ms: number) => { clock.passed += ms; await new Promise((resolve) => { setTimeout(resolve, 1) }) } } })
    expect(await restore(fast)).toEqual([{ where: node, what: 'programs', baseline: 'at work', now }])
  })
})
