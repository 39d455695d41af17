import { Deadline } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import { FakeKube } from '@hoplab/kube/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { balancedService } from './balanced-service.ts'
import { ingressHosts } from './ingress-hosts.ts'
import { type OpenedCluster, requireWay } from './way.ts'

let kube: FakeKube
let deadline: Deadline
beforeEach(() => { kube = new FakeKube(); deadline = Deadline.start('open', 280_000) })
afterEach(() => { deadline[Symbol.dispose]() })

const nodes = [['t-control-plane', '172.28.4.2'], ['t-worker', '172.28.4.3'], ['t-worker2', '172.28.4.4']].map(([name = '', address = '']) => ({ name, address, role: 'worker' as const }))
const cluster = (): OpenedCluster => ({ kube, nodes, spec: { addons: ['internet', 'load-balancer', 'ingress'] } as never })
const lab = ['shop', 'platform']

test('a lab that was made without the way is refused, with what it has', () => {
  const without = { ...cluster(), spec: { addons: ['internet'] } as never }
  expect(() => requireWay('lb', 't', without)).toThrow(expect.objectContaining({ code: 'HOP_WAY_MISSING', exitCode: 2, message: 'The lab "t" has no load-balancer.' }))
  expect(() => requireWay('ingress', 't', { ...cluster(), spec: {} as never })).toThrow(expect.objectContaining({ facts: expect.objectContaining({ why: expect.stringContaining('This one has: none.') }) }))
  expect(() => requireWay('ingress', 't', cluster())).not.toThrow()
})

describe('open lb', () => {
  const service = (name: string, { namespace = 'shop', type = 'LoadBalancer', ip, ports = [80] }: { namespace?: string; type?: string; ip?: string; ports?: number[] } = {}): void => {
    kube.put({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { type, ports: ports.map((port) => ({ port })) }, status: ip === undefined ? {} : { loadBalancer: { ingress: [{ ip }] } } })
  }
  const open = (asked?: string) => balancedService(asked, cluster(), lab, deadline)

  test('leads to the address of the only Service that has one, at its first port', async () => {
    service('front', { ip: '198.51.100.8', ports: [80, 8443] })
    service('waits')
    service('inside', { type: 'ClusterIP' })
    const way = await open()
    expect(way).toMatchObject({ to: '198.51.100.8:80' })
    expect(way.tls).toBeUndefined()
    expect(way.facts(4000)).toEqual({ url: 'http://127.0.0.1:4000/', service: 'shop/front', to: '198.51.100.8:80' })
    expect(way.text(4000)).toBe("http://127.0.0.1:4000/ leads to Service shop/front at 198.51.100.8:80 of the load balancer, as the lab's host on the internet asks it.")
  })
  test('takes a Service by name, namespace and port', async () => {
    service('front', { ip: '198.51.100.8', ports: [80, 8443] })
    service('front', { namespace: 'platform', ip: '198.51.100.9' })
    expect((await open('shop/front:8443')).to).toBe('198.51.100.8:8443')
    expect((await open('platform/front')).to).toBe('198.51.100.9:80')
    await expect(open('front')).rejects.toMatchObject({ code: 'HOP_NOTHING_TO_OPEN', facts: { fix: 'Name one, e.g. "hoplab open lb shop/front".' } })
    await expect(open('shop/front:81')).rejects.toMatchObject({ code: 'HOP_NOTHING_TO_OPEN', message: 'Service shop/front has no port 81.' })
  })
  test.each([
    ['none of that type', undefined, 'The lab has no Service of type LoadBalancer.', 'Of that type there are: none.'],
    ['no such one', 'shop', 'The lab has no Service "shop" of type LoadBalancer.', 'Of that type there are: none.'],
    ['what is no name', 'a/b/c', 'The lab has no Service "a/b/c" of type LoadBalancer.', 'Of that type there are: none.'],
  ])('says so where there is %s', async (_what, asked, message, why) => {
    service('shop', { type: 'NodePort' })
    await expect(open(asked)).rejects.toMatchObject({ code: 'HOP_NOTHING_TO_OPEN', exitCode: 2, message, facts: { why } })
  })
  test('says that a Service still waits for its address', async () => {
    service('front')
    await expect(open()).rejects.toMatchObject({ code: 'HOP_NOTHING_TO_OPEN', message: 'The load balancer has given Service shop/front no address yet.' })
  })
})

describe('open ingress', () => {
  const controller = (node: string, ready: boolean): void => {
    kube.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name: `c-${node}`, namespace: 'hoplab-ingress', labels: { app: 'haproxy-ingress' } }, spec: { nodeName: node }, status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] } })
  }
  const ingress = (name: string, spec: object): void => { kube.put({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, namespace: 'shop' }, spec } as KubeObject) }
  beforeEach(() => { kube.types = [...kube.types, { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses', namespaced: true, verbs: ['list'] }] })
  const open = () => ingressHosts(cluster(), lab, deadline)

  test('leads to a node where the controller is ready, plain and by TLS, and tells how to ask for each host that it serves', async () => {
    controller('t-worker', false)
    controller('t-worker2', true)
    ingress('web', { ingressClassName: 'haproxy', tls: [{ hosts: ['cart.example'] }], rules: [{ host: 'shop.example' }, { host: 'cart.example' }, { host: '*.w.example' }, {}] })
    ingress('other', { ingressClassName: 'old-cloud', rules: [{ host: 'old.example' }] })
    const way = await open()
    expect(way).toMatchObject({ to: '172.28.4.4:30080', tls: '172.28.4.4:30443' })
    expect(way.facts(4000)).toMatchObject({ url: 'http://127.0.0.1:4000/', hosts: [
      { host: 'shop.example', secure: false, url: 'http://shop.example:4000/', resolve: 'shop.example:4000:127.0.0.1' }, { host: 'cart.example', secure: true, url: 'https://cart.example:4000/' }, { host: 'any.w.example' }] })
    expect(way.text(4000)).toMatchInlineSnapshot(`
      "http://127.0.0.1:4000/ and https://127.0.0.1:4000/ lead to the Ingress controller on t-worker2, as the lab's host on the internet asks it.
      It answers for the host that is asked for:
        curl --resolve shop.example:4000:127.0.0.1 http://shop.example:4000/
        curl --insecure --resolve cart.example:4000:127.0.0.1 https://cart.example:4000/
        curl --resolve any.w.example:4000:127.0.0.1 http://any.w.example:4000/
      A browser needs those names to mean 127.0.0.1: start Chrome with --host-resolver-rules="MAP shop.example 127.0.0.1, MAP cart.example 127.0.0.1, MAP any.w.example 127.0.0.1", or write them into the file of hosts."
    `)
  })
  test('says so where no Ingress of its class names a host', async () => {
    controller('t-worker', true)
    expect((await open()).text(4000)).toContain('No Ingress of class haproxy names a host yet')
  })
  test('a controller that is ready nowhere opens nothing', async () => {
    controller('t-worker', false)
    await expect(open()).rejects.toMatchObject({ code: 'HOP_NOTHING_TO_OPEN', message: 'The Ingress controller is ready on no node.' })
  })
})
