import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'rules',
  healthy: (lab) => {
    lab.kube.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } })
    lab.kube.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'kubernetes', namespace: 'default' }, spec: { clusterIP: '10.96.0.1', ports: [{ port: 443 }] } })
    lab.kube.put({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } }, ports: [{ port: 6443 }], endpoints: [{ addresses: ['172.20.0.2'] }] })
    return { kind: 'rules', service: 'hello', port: 80 }
  },
  faults: {
    'a rule that leads elsewhere': (lab) => { lab.rules.spoil = (listing) => listing.replaceAll('--to-destination 10.244.2.11', '--to-destination 10.244.2.99') },
    'an address that no rule knows': (lab) => { lab.rules.spoil = (listing) => listing.replaceAll('10.96.1.1', '10.96.1.2') },
    'rules that are not used': (lab) => { lab.rules.idle = true },
    'a Service without endpoints': (lab) => lab.service('hello', '10.96.1.1', { app: 'nobody' }),
  },
}, { describe, test })
