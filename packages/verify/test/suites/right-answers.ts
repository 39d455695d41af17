import { Deadline, poll } from '@hoplab/core'
import type { CheckResult } from '@hoplab/model'
import type { WrittenCheck } from '@hoplab/verify/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LiveLab } from '../live-lab.ts'

const client = { pod: { name: 'client' } }
const within = 60

/** Behind a virtual address: names, rules, endpoints and packets, all of one port. */
const virtual = (service: string, port: number, labels: Record<string, string>) => [
  { kind: 'dns', from: client, name: service, expect: { clusterIpOf: { service } }, servers: 'each', transport: 'both', within },
  { kind: 'dns', from: client, expect: { ptrOf: { service } }, within },
  { kind: 'endpoints', service, port, backends: { labels }, backendCount: 2, within },
  { kind: 'rules', service, port, within },
  { kind: 'reach', from: client, to: { service, port }, count: 20, within },
  { kind: 'reach', from: { node: 'worker-2' }, to: { service, port, via: 'cluster-ip' }, within },
  { kind: 'source', from: client, to: { service, port, via: 'cluster-ip' }, expect: 'client-pod', within },
  { kind: 'distribution', from: client, to: { service, port, via: 'cluster-ip' }, backends: { labels }, backendCount: 2, within },
] as const

/** Without one: names lead to the Pods themselves. */
const headless = (service: string, port: number, labels: Record<string, string>) => [
  { kind: 'dns', from: client, name: service, expect: { podIpsOf: { labels } }, servers: 'each', transport: 'both', within },
  { kind: 'dns', from: client, expect: { srvOf: { service, port: 'web' } }, servers: 'service', within },
  { kind: 'dns', from: client, expect: { ptrOf: { pod: { labels } } }, within },
  { kind: 'endpoints', service, backends: { labels }, backendCount: 2, within },
  { kind: 'reach', from: client, to: { service, port }, within },
  { kind: 'reach', from: client, to: { pod: { labels }, port }, within },
  { kind: 'source', from: client, to: { pod: { labels }, port }, expect: 'client-pod', within },
] as const

/** Hides every program of the image but the server itself, which stands outside of it. */
const shellless = { volumes: [{ name: 'nothing', emptyDir: {} }] }
const overPrograms = { volumeMounts: [{ name: 'nothing', mountPath: '/usr' }] }

/** Answers that are right and written otherwise than ours: everything about them is green. */
export function rightAnswers(get: () => LiveLab): void {
  const lab = { get it() { return get() } }
  const all = async (checks: readonly WrittenCheck[]): Promise<CheckResult[]> => (await lab.it.verify(checks)).results.filter(({ verdict }) => verdict !== 'pass')
  const service = (name: string, spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec })

  describe('right answers unlike ours are green', () => {
    const edge = { tier: 'edge', 'app.kubernetes.io/part-of': 'else' }
    const made: [kind: string, name: string, apiVersion?: string][] = []
    beforeAll(async () => {
      const { it } = lab
      const ports = [{ name: 'web', containerPort: 8080 }, { name: 'admin', containerPort: 8081 }]
      const listens = { ports, env: [{ name: 'ECHO_LISTEN', value: ':8080,:8081' }] }
      const template = { metadata: { labels: edge }, spec: it.pod('x', {}, {}, listens).spec }
      const lone = ['worker-1', 'worker-2'].map((at, index) => it.pod(`lone-${index}`, { nodeName: it.cluster.nodeName(at) }, { who: 'lone' }))
      const bare = ['worker-1', 'worker-2'].map((at, index) => it.pod(`bare-${index}`, { ...shellless, nodeName: it.cluster.nodeName(at) }, { who: 'bare' }, overPrograms))
      const objects = [
        { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'edge' }, spec: { selector: { matchLabels: { tier: 'edge' } }, template } },
        service('front-door', { selector: { tier: 'edge' }, ports: [{ name: 'web', port: 80, targetPort: 'web' }, { name: 'admin', port: 8000, targetPort: 8081 }] }),
        service('front-peers', { clusterIP: 'None', selector: { tier: 'edge' }, ports: [{ name: 'web', port: 8080, targetPort: 'web' }] }),
        service('lonely', { selector: { who: 'lone' }, ports: [{ port: 8080 }] }), service('no-shell', { selector: { who: 'bare' }, ports: [{ port: 80, targetPort: 8080 }] }),
        ...lone, ...bare,
      ]
      made.push(...objects.map(({ kind, apiVersion, metadata }) => [kind, metadata.name, apiVersion] as [string, string, string]))
      await it.put(...objects)
    })
    afterAll(async () => { for (const one of made) await lab.it.remove(...one) })

    test('a DaemonSet behind two ports, by a named and by a numbered target', async () => {
      expect(await all([...virtual('front-door', 80, edge), ...virtual('front-door', 8000, edge)])).toEqual([])
    })
    test('a headless Service of a DaemonSet', async () => { expect(await all(headless('front-peers', 8080, edge))).toEqual([]) })
    test('bare Pods behind a Service without a target port', async () => { expect(await all(virtual('lonely', 8080, { who: 'lone' }))).toEqual([]) })
    test('a Deployment', async () => { expect(await all(virtual('hello', 80, { app: 'hello' }))).toEqual([]) })
    test('Pods without a shell', async () => {
      expect(await all(virtual('no-shell', 80, { who: 'bare' }))).toEqual([])
      // The same Pod asked to start a shell cannot.
      await lab.it.put(lab.it.pod('shell', { ...shellless, restartPolicy: 'Never' }, { app: 'shell' }, { ...overPrograms, command: ['/bin/sh', '-c', 'exit 0'] }))
      using deadline = Deadline.start('a shell that is not there', 200_000)
      const said = () => lab.it.cluster.kube.get({ apiVersion: 'v1', kind: 'Pod', name: 'shell', namespace: 'live' }, deadline).then((pod) => JSON.stringify(pod?.status ?? {}))
      const { last } = await poll(said, { deadline, until: (status) => /StartError|CreateContainerError|RunContainerError|"exitCode"/u.test(status) })
      expect(last).toMatch(/no such file or directory|not found/u)
      await lab.it.remove('Pod', 'shell')
    })
  })
}
