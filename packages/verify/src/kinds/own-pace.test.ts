import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => {
  lab = helloLab()
  lab.ingress.start()
  lab.ingress.rules.set('shop.example /', 'hello')
  lab.paceMs = 1_500
})
const rule = { kind: 'ingress', host: 'shop.example', paths: [{ path: '/', service: 'hello' }] }
const balanced = { kind: 'reach', from: { outside: 'internet' }, to: { service: 'hello', port: 80, via: 'load-balancer' } }
const look = async (check: { kind: string }) => (await lab.verify([{ within: 0.5, ...check }]))[0]
const give = (status: object): void => {
  const service = [...lab.kube.objects.values()].find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'hello')
  if (!service) throw new Error('no Service')
  lab.kube.put({ ...service, spec: { ...service.spec as object, type: 'LoadBalancer' }, status })
}
const address = { loadBalancer: { ingress: [{ ip: '198.51.100.8' }] } }

describe('what follows the API at its own pace', () => {
  test('is not called red for what it was before the last change', async () => {
    lab.ingress.rules.clear()
    lab.after(800, () => { lab.ingress.rules.set('shop.example /', 'hello') })
    give({})
    lab.after(800, () => { give(address) })
    expect(await Promise.all([look(rule), look(balanced)])).toMatchObject([{ verdict: 'pass' }, { verdict: 'pass' }])
  })
  test('is not called green for that either', async () => {
    lab.after(800, () => { lab.ingress.rules.clear() })
    expect(await look(rule)).toMatchObject({ verdict: 'fail', why: 'The Ingress controller knows no rule for http://shop.example:30080/.' })
  })
  test('is red when it stays so for longer than it may take', async () => {
    lab.ingress.rules.clear()
    give({})
    const results = await Promise.all([look(rule), look(balanced)])
    expect(results).toMatchObject([{ verdict: 'fail' }, { verdict: 'fail', why: expect.stringContaining('yet: it is pending') }])
    for (const result of results) expect(result?.durationMs).toBeGreaterThanOrEqual(1_500)
  })
  test('is red at once for what the API alone decides', async () => {
    lab.service('hello', '10.96.1.1', { app: 'nobody' })
    expect(await look(rule)).toMatchObject({ verdict: 'fail', why: expect.stringContaining('has no endpoints'), looks: [{ times: 1 }] })
    expect(await look(balanced)).toMatchObject({ verdict: 'fail', why: 'No load balancer has given Service lab/hello an address.', looks: [{ times: 1 }] })
  })
})
