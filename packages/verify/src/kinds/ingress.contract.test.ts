import { describe, expect, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { type FakeLab, helloLab } from '../testing/index.ts'

const certificate = Buffer.from('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n').toString('base64')

/** Two Services behind one host, which a certificate proves. */
function healthy(lab: FakeLab): void {
  lab.pod({ name: 'cart-b', node: 'b', ip: '10.244.2.12', labels: { app: 'cart' } })
  lab.service('cart', '10.96.1.2', { app: 'cart' })
  lab.kube.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'proof', namespace: 'lab' }, data: { 'tls.crt': certificate } })
  lab.ingress.start()
  lab.ingress.proven.add('shop.example')
  lab.ingress.rules.set('shop.example /', 'hello').set('shop.example /cart', 'cart')
}

checkKindContract({
  kind: 'ingress',
  healthy: (lab) => {
    healthy(lab)
    return { kind: 'ingress', host: 'shop.example', certificate: 'proof', paths: [{ path: '/', service: 'hello' }, { path: '/cart', service: 'cart' }, { path: '/no' }] }
  },
  faults: {
    'a path that leads to the other Service': (lab) => { lab.ingress.rules.set('shop.example /cart', 'hello') },
    'a path without a rule': (lab) => { lab.ingress.rules.delete('shop.example /cart') },
    'a rule where there should be none': (lab) => { lab.ingress.rules.set('shop.example /no', 'hello') },
    'another certificate than the Secret\'s': (lab) => { lab.ingress.proven.clear() },
    'a Secret without certificate': (lab) => { lab.kube.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'proof', namespace: 'lab' }, data: {} }) },
    'a Service without endpoints': (lab) => { lab.service('cart', '10.96.1.2', { app: 'nobody' }) },
    'somebody else who asks the Pod': (lab) => { lab.ingress.hidden = true },
    'no controller': (lab) => { for (const [key, { metadata }] of lab.kube.objects) if (metadata.name.startsWith('controller-')) lab.kube.objects.delete(key) },
    'a server that answers for another': (lab) => { lab.network.weather.says = (_pod, body) => ({ ...body, nonce: 'old' }) },
    'a Pod that is not ours': (lab) => { lab.pod({ name: 'cart-b', node: 'b', ip: '10.244.2.12', labels: { app: 'cart' }, image: 'nginx' }) },
  },
}, { describe, test })

test('what the client did can be typed as it stands: the command names the node\'s address', async () => {
  const lab = helloLab()
  healthy(lab)
  const [result] = await lab.verify([{ kind: 'ingress', host: 'shop.example', paths: [{ path: '/', service: 'hello' }] }])
  const commands = (result?.evidence ?? []).flatMap(({ witness, command }) => (witness === 'client' ? [command] : []))
  expect(commands).not.toEqual([])
  for (const command of commands) expect(command).toMatch(/ --resolve shop\.example:30080:\d+\.\d+\.\d+\.\d+ http:\/\/shop\.example:30080\/$/u)
})
