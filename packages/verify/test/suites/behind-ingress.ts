import { ingressAddon } from '@hoplab/cni/ingress'
import { Deadline, poll } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import { type CheckResult, ingressController } from '@hoplab/model'
import type { WrittenCheck } from '@hoplab/verify/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { LiveLab } from '../live-lab.ts'
import { fromThisMachine } from './from-this-machine.ts'

const { namespace, name, class: ingressClassName } = ingressController
const ready = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'ready', namespace }
const checks = {
  routes: { kind: 'ingress', host: 'shop.example', paths: [{ path: '/', service: 'shop' }, { path: '/cart', service: 'cart' }, { path: '/cart/7', service: 'cart' }] },
  secured: { kind: 'ingress', host: 'cart.example', certificate: 'cart-tls', paths: [{ path: '/', service: 'cart' }] },
  nothing: { kind: 'ingress', host: 'other.example', paths: [{ path: '/' }] },
} as const satisfies Record<string, WrittenCheck>
/** How long the controller gets to take a change up, in milliseconds: it writes its configuration every other second at most, and a red look at it takes four. */
const takesUpMs = 15_000

/** The Ingress controller at work, and what of it the check kind `ingress` sees: host, path, TLS, the Service's endpoints. */
export function behindIngress(get: () => LiveLab): void {
  const lab = { get it() { return get() } }
  describe('behind the Ingress controller', () => {
    beforeAll(async () => {
      await lab.it.put(server(lab.it, 'shop', 'worker-1'), lab.it.service('shop', { app: 'shop' }), server(lab.it, 'cart', 'worker-2'), lab.it.service('cart', { app: 'cart' }))
      await lab.it.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cart-tls' }, type: 'kubernetes.io/tls', ...await certificateFor(lab.it, 'cart.example') }, web())
    })
    afterAll(async () => {
      await lab.it.remove('Ingress', 'web', ready.apiVersion)
      for (const [kind, one] of [['Secret', 'cart-tls'], ['Service', 'shop'], ['Service', 'cart'], ['Pod', 'shop'], ['Pod', 'cart']] as const) await lab.it.remove(kind, one)
    })

    test('host and path lead to the endpoints of the Service that is named, TLS ends at the controller, and a host without a rule gets nothing', async () => {
      const results = await looked(lab.it)
      expect(results.filter(isNotGreen)).toEqual([])
      expect(results[0]?.evidence.filter(({ witness }) => witness === 'client')).toHaveLength(2 * checks.routes.paths.length)
    })
    fromThisMachine(lab)
    describe('what is wrong is seen with its cause', () => { faults(lab) })
    theAddon(lab)
  })
}

interface Got { readonly it: LiveLab }

/** Each is put in, seen with its cause, and taken back; that all is green again is seen once, at the end. */
function faults(lab: Got): void {
  afterEach(() => lab.it.put(web(), lab.it.service('cart', { app: 'cart' })))
  test('a Service without endpoints is named, not the controller that says 503', async () => {
    await lab.it.put(lab.it.service('cart', { app: 'nobody' }))
    expect(await red(lab.it, checks.routes, /^Service live\/cart:80 has no endpoints, so the Ingress controller has nobody to ask for http:\/\/shop\.example:30080\/cart/u)).toMatchObject({ firstBrokenHop: 'Service live/cart:80' })
  })
  test('an Ingress that names a Secret which is not there is served with a certificate that proves nothing', async () => {
    await lab.it.put(web({ secretName: 'no-such-secret' }))
    expect(await red(lab.it, checks.secured, /the certificate is another one\.$/u)).toMatchObject({ verdict: 'fail' })
  })
  test('a host that no rule names is a missing rule', async () => {
    await lab.it.put(web({ host: 'shop.test' }))
    expect(await red(lab.it, checks.routes, /^The Ingress controller knows no rule for http:\/\/shop\.example:30080\//u)).toMatchObject({ firstBrokenHop: 'Ingress rule' })
  })
  test('an Exact path leaves what is below it to the other Service', async () => {
    await lab.it.put(web({ pathType: 'Exact' }))
    expect(await red(lab.it, checks.routes, /^http:\/\/shop\.example:30080\/cart\/7 is answered at \S+, which is no endpoint of Service live\/cart:80\.$/u)).toMatchObject({ verdict: 'fail' })
  })
  test('a rule where there should be none is red', async () => {
    await lab.it.put(web({ host: 'other.example' }))
    expect(await red(lab.it, checks.nothing, /and there should be nothing\.$/u)).toMatchObject({ verdict: 'fail' })
  })
}

/** What the add-on says of itself on a cluster. */
function theAddon(lab: Got): void {
  test('the add-on works when its own Ingress is served at every worker, says so when it is not, and can be installed again', async () => {
    expect(await pending(lab.it, 0)).toEqual([])
    using deadline = Deadline.start('spoil the add-on', 200_000)
    await lab.it.cluster.kube.delete(ready, deadline)
    expect(await pending(lab.it, 3)).toEqual([
      expect.stringContaining('Ingress hoplab-ingress/ready has been given no address'), ...Array.from({ length: 2 }, () => expect.stringMatching(/does not serve its own Ingress to the internet: .*404/u)),
    ])
    await ingressAddon().install({ kube: lab.it.cluster.kube, apiServer: '', images: lab.it.cluster.facts().images }, deadline)
    expect(await pending(lab.it, 0)).toEqual([])
  })
  test('without Pods of the controller the check says so, and the add-on waits for them; with them all is as it was', async () => {
    await lab.it.place({ name, namespace }, 'nowhere')
    try {
      expect(await red(lab.it, checks.routes, /^No Pod of the Ingress controller is ready\.$/u)).toMatchObject({ firstBrokenHop: 'Ingress controller hoplab-ingress/haproxy-ingress' })
      expect(await pending(lab.it, 1)).toEqual(['DaemonSet hoplab-ingress/haproxy-ingress is meant to run on 0 of 2 nodes'])
    } finally { await lab.it.place({ name, namespace }, undefined) }
    expect(await pending(lab.it, 0)).toEqual([])
    expect((await looked(lab.it)).filter(isNotGreen)).toEqual([])
  })
}

/** What all checks say, which are green when nothing is spoiled. */
const looked = async (lab: LiveLab): Promise<CheckResult[]> => (await lab.verify(Object.values(checks).map((check) => ({ within: 30, ...check })))).results
const isNotGreen = ({ verdict }: CheckResult): boolean => verdict !== 'pass'

/** The check's result once it is red for this reason. Rejects with the last one when it never is. */
async function red(lab: LiveLab, check: WrittenCheck, why: RegExp): Promise<CheckResult | undefined> {
  using deadline = Deadline.start('what the controller shows', 200_000)
  const { ok, last } = await poll(async () => (await lab.verify([{ within: 1, ...check }])).results[0], { deadline, withinMs: takesUpMs, everyMs: 300, maxEveryMs: 300, until: (result) => result?.verdict === 'fail' && why.test(result.why) })
  if (!ok) throw new Error(`not red for ${why}: ${JSON.stringify(last)}`)
  return last
}

/** What the add-on waits for, once that many reasons are told; the last it said when they never are. */
async function pending(lab: LiveLab, reasons: number): Promise<string[]> {
  using deadline = Deadline.start('what the add-on waits for', 200_000)
  const onInternet = (argv: readonly string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> => lab.cluster.toolbox('internet').exec(argv, { deadline })
  return (await poll(() => ingressAddon().pending(onInternet, deadline, lab.cluster.kube), { deadline, withinMs: 2 * takesUpMs, everyMs: 300, maxEveryMs: 300, until: (said) => said.length === reasons })).last
}

const server = (lab: LiveLab, app: string, position: string): KubeObject => lab.pod(app, { nodeName: lab.cluster.nodeName(position) })

/** An Ingress of both hosts, spoiled by what is given. */
function web({ host = 'shop.example', pathType = 'Prefix', secretName = 'cart-tls' } = {}): KubeObject {
  const to = (path: string, service: string, how = 'Prefix'): object => ({ path, pathType: how, backend: { service: { name: service, port: { number: 80 } } } })
  return { apiVersion: ready.apiVersion, kind: 'Ingress', metadata: { name: 'web' }, spec: {
    ingressClassName, tls: [{ hosts: ['cart.example'], secretName }],
    rules: [{ host, http: { paths: [to('/', 'shop'), to('/cart', 'cart', pathType)] } }, { host: 'cart.example', http: { paths: [to('/', 'cart')] } }],
  } }
}

/** Data of a Secret with a certificate for a host, made and signed on a node's toolbox. */
async function certificateFor(lab: LiveLab, host: string): Promise<{ data: Record<string, string> }> {
  const pem = await lab.onNode('worker-1', ['sh', '-c', `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${host} -addext subjectAltName=DNS:${host} -keyout /dev/stdout -out /dev/stdout 2>/dev/null`])
  const part = (title: string): string => {
    const found = new RegExp(`-----BEGIN ${title}-----[\\s\\S]*-----END ${title}-----\\n`, 'u').exec(pem)?.[0]
    if (found === undefined) throw new Error(`openssl made no ${title}`)
    return Buffer.from(found).toString('base64')
  }
  return { data: { 'tls.crt': part('CERTIFICATE'), 'tls.key': part('PRIVATE KEY') } }
}
