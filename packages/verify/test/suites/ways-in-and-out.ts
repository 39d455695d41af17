import { Deadline, poll } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import type { CheckResult, OutsideFacts } from '@hoplab/model'
import type { WrittenCheck } from '@hoplab/verify/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LiveLab } from '../live-lab.ts'

const internet = { outside: 'internet' }
const client = { pod: { name: 'client' } }
const within = 30
const byNode = (service: string, node: string) => ({ service, port: 80, via: 'node-port', node })
const balanced = (service: string) => ({ service, port: 80, via: 'load-balancer' })

/** The add-ons at work: what goes out, what comes in by a NodePort, what comes in by the load balancer. */
export function waysInAndOut(get: () => LiveLab): void {
  const lab = { get it() { return get() } }
  const all = async (checks: readonly WrittenCheck[]): Promise<CheckResult[]> => (await lab.it.verify(checks.map((check) => ({ within, ...check })))).results.filter(({ verdict }) => verdict !== 'pass')

  describe('ways in and out', () => {
    beforeAll(async () => {
      // One server, on worker-1, so that which node is asked makes a difference.
      await lab.it.put(lab.it.pod('entry', { nodeName: lab.it.cluster.nodeName('worker-1') }))
      await lab.it.put(open('any-node', { type: 'LoadBalancer' }), open('own-node', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }))
    })
    afterAll(async () => { for (const [kind, name] of [['Service', 'any-node'], ['Service', 'own-node'], ['Pod', 'entry']] as const) await lab.it.remove(kind, name) })

    test('a Pod leaves with its node\'s address as far as the gateway, and with the gateway\'s from there', async () => {
      expect(await all([{ kind: 'egress', from: client }])).toEqual([])
    })
    test('a NodePort answers the internet on every node and hides it; with policy Local it shows it, on nodes with an endpoint only', async () => {
      expect(await all([
        ...['control-plane', 'worker-1', 'worker-2'].map((node) => ({ kind: 'reach', from: internet, to: byNode('any-node', node) })),
        { kind: 'source', from: internet, to: byNode('any-node', 'worker-2'), expect: 'entry-node' },
        { kind: 'source', from: internet, to: byNode('own-node', 'worker-1'), expect: 'client' },
      ])).toEqual([])
      expect(await one(lab.it, { kind: 'reach', from: internet, to: byNode('own-node', 'worker-2'), within: 5 })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('got no answer in time') })
      expect(await one(lab.it, { kind: 'source', from: internet, to: byNode('any-node', 'worker-1'), expect: 'client', within: 5 })).toMatchObject({ verdict: 'fail' })
    })
    test('each Service has an address of its own at the load balancer, which leaves out nodes without endpoint', async () => {
      expect(await all([
        { kind: 'reach', from: internet, to: balanced('any-node'), count: 10 }, { kind: 'reach', from: internet, to: balanced('own-node'), count: 10 },
        { kind: 'source', from: internet, to: balanced('own-node'), expect: 'load-balancer' },
      ])).toEqual([])
    })
    test('a class that nobody serves stays pending, and a Service that is no LoadBalancer any more gives its address back', async () => {
      await lab.it.put(open('strange', { type: 'LoadBalancer', loadBalancerClass: 'example.com/other' }))
      expect(await one(lab.it, { kind: 'reach', from: internet, to: balanced('strange'), within: 3 })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('yet: it is pending') })
      await lab.it.remove('Service', 'strange')
      await lab.it.remove('Service', 'own-node')
      await lab.it.put(open('own-node', { type: 'LoadBalancer' }))
      using deadline = Deadline.start('wait for the address', 200_000)
      const found = await poll(() => lab.it.cluster.kube.get({ apiVersion: 'v1', kind: 'Service', name: 'own-node', namespace: 'live' }, deadline), { deadline, until: (service) => addressOf(service) !== undefined })
      expect(addressOf(found.last)).toBe(outsideOf(lab.it).loadBalancer?.pool[0].replace(/\d+$/u, (last) => `${Number(last) + 1}`))
    })
    closedToOthers(lab)
  })
}

/** What neither side gets at. */
function closedToOthers(lab: { readonly it: LiveLab }): void {
  test('the internet gets at NodePorts only, and Pods at nothing beyond it', async () => {
    using deadline = Deadline.start('closed', 200_000)
    const { gateway } = outsideOf(lab.it)
    const ask = async (from: string, url: string) => (await lab.it.cluster.toolbox(from).exec(['curl', '--silent', '--insecure', '--max-time', '2', url], { deadline })).exitCode
    const node = lab.it.cluster.nodes[0]?.address
    expect([await ask('internet', `https://${node}:6443/healthz`), await ask('internet', `http://${gateway.outer}:8080/`), await ask('worker-1', 'http://203.0.113.7/')]).toEqual([7, 7, 7])
    expect(await ask('worker-1', `http://${outsideOf(lab.it).host}:8080/healthz`)).toBe(0)
  })
}

const one = async (lab: LiveLab, check: WrittenCheck): Promise<CheckResult | undefined> => (await lab.verify([{ within, ...check }])).results[0]

/** A Service of the server on worker-1. */
const open = (name: string, spec: Record<string, unknown>): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { app: 'entry' }, ports: [{ port: 80, targetPort: 8080 }], ...spec } })

function outsideOf({ cluster: { outside } }: LiveLab): OutsideFacts {
  if (!outside) throw new Error('the cluster was made without add-ons')
  return outside
}

const addressOf = (service: KubeObject | undefined): string | undefined => (service?.status as { loadBalancer?: { ingress?: { ip: string }[] } } | undefined)?.loadBalancer?.ingress?.[0]?.ip
