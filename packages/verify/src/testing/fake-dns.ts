import type { FakeLab } from './fake-lab.ts'

/** Addresses of the DNS Service and of its two Pods, as name servers. */
export const dnsServers = { service: '10.96.0.10:53', a: '10.244.1.53:53', b: '10.244.2.53:53' } as const

const controller = 'endpointslice-controller.k8s.io'

/** Puts the DNS Service with a Pod on node `a` and one on `b`, all healthy, as kubeadm has them. */
export function putDns(lab: FakeLab): void {
  const metadata = { name: 'kube-dns', namespace: 'kube-system' }
  const ports = [{ name: 'dns', port: 53, protocol: 'UDP' }, { name: 'dns-tcp', port: 53, protocol: 'TCP' }]
  lab.kube.put({ apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: '10.96.0.10', selector: { 'k8s-app': 'kube-dns' }, ports: ports.map((port) => ({ ...port, targetPort: 53 })) } })
  const pods = [{ name: 'coredns-a', node: 'a', ip: '10.244.1.53' }, { name: 'coredns-b', node: 'b', ip: '10.244.2.53' }]
  for (const pod of pods) lab.pod({ ...pod, namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' }, image: 'registry.k8s.io/coredns/coredns:v1.12.1' })
  lab.kube.put({
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', ports,
    metadata: { name: 'kube-dns-abcde', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns', 'endpointslice.kubernetes.io/managed-by': controller } },
    endpoints: pods.map(({ name, node, ip }) => ({ addresses: [ip], nodeName: node, conditions: { ready: true }, targetRef: { kind: 'Pod', name, namespace: 'kube-system' } })),
  })
}

/** Puts a headless Service `peers` of the Pods `hello-a` and `hello-b` with a named port, and its records in CoreDNS' words. `hello-a` has a hostname. */
export function putPeers(lab: FakeLab): void {
  lab.kube.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'peers', namespace: 'lab' }, spec: { clusterIP: 'None', ports: [{ name: 'http', port: 80, targetPort: 8080 }] } })
  lab.kube.put({
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    metadata: { name: 'peers-abcde', namespace: 'lab', labels: { 'kubernetes.io/service-name': 'peers', 'endpointslice.kubernetes.io/managed-by': controller } },
    endpoints: [{ addresses: ['10.244.1.11'], hostname: 'first', nodeName: 'a', conditions: { ready: true } }, { addresses: ['10.244.2.11'], nodeName: 'b', conditions: {} }],
  })
  lab.names?.set('peers.lab', ['10.244.1.11', '10.244.2.11'])
  lab.records.set(`SRV _http._tcp.${peers}`, [{ data: `0 50 8080 first.${peers}` }, { data: `0 50 8080 10-244-2-11.${peers}` }])
  lab.records.set('PTR 11.1.244.10.in-addr.arpa.', [{ data: `first.${peers}` }])
}

/** Full name of the Service that {@link putPeers} puts. */
export const peers = 'peers.lab.svc.cluster.local.'
