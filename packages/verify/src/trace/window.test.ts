import { Deadline } from '@hoplab/core'
import { expect, test } from 'vitest'
import { helloLab } from '../testing/index.ts'
import { traceRequest } from './request.ts'

test('the node of an endpoint is captured on where only its address tells which one that is, as in the slice of default/kubernetes', async () => {
  const lab = helloLab()
  lab.wire.works = true
  lab.kube.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'kubernetes', namespace: 'default' }, spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] } })
  lab.kube.put({
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4', ports: [{ name: 'https', port: 6443, protocol: 'TCP' }], endpoints: [{ addresses: ['172.20.0.2'], conditions: { ready: true } }],
  })
  using deadline = Deadline.start('test', 280_000)
  const { result } = await traceRequest(lab, 'pod/client', '10.96.0.1:443', deadline)
  expect(result.captures.map(({ where }) => where)).toContain('k')
})
