import { Deadline } from '@hoplab/core'
import { FakeKube } from '@hoplab/kube/testing'
import { describe, expect, test } from 'vitest'
import { fitDns, withoutForward } from './core-dns.ts'

const corefile = `.:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
    }
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
}
`

describe('Corefile of a closed lab', () => {
  test('loses its forward block and nothing else', () => {
    expect(withoutForward(corefile)).toBe(corefile.replace(/ {4}forward[^}]*\}\n/u, ''))
    expect(withoutForward(corefile)).toContain('cache 30')
  })
  test('loses a forward on one line', () => {
    expect(withoutForward('.:53 {\n  forward . 1.1.1.1\n  cache 30\n}\n')).toBe('.:53 {\n  cache 30\n}\n')
  })
  test('a word that only begins like forward stays', () => {
    expect(withoutForward('.:53 {\n  forwarded yes\n}\n')).toContain('forwarded yes')
  })
})

test('CoreDNS keeps its way out with internet, and is asked for readiness every second either way', async () => {
  using deadline = Deadline.start('dns', 280_000)
  for (const internet of [true, false]) {
    const metadata = { name: 'coredns', namespace: 'kube-system' }
    const kube = new FakeKube([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: corefile } }, { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: {} },
    ])
    await fitDns(kube, internet, deadline)
    const map = await kube.get({ apiVersion: 'v1', kind: 'ConfigMap', ...metadata }, deadline)
    expect(JSON.stringify(map?.data).includes('forward')).toBe(internet)
    expect(JSON.stringify((await kube.get({ apiVersion: 'apps/v1', kind: 'Deployment', ...metadata }, deadline))?.spec)).toContain('"periodSeconds":1')
  }
})
