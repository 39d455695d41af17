import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { client, dnsServers, peers, putDns, putPeers } from '../testing/index.ts'

checkKindContract({
  kind: 'dns',
  healthy: (lab) => {
    lab.ttl = 1
    return { kind: 'dns', from: client, name: 'hello', expect: { clusterIpOf: { service: 'hello' } } }
  },
  faults: {
    'DNS that does not answer': (lab) => { lab.names = undefined },
    'another address': (lab) => { lab.names?.set('hello.lab', ['198.51.100.7']) },
    'one address too many': (lab) => { lab.names?.set('hello.lab', ['10.96.1.1', '198.51.100.7']) },
    'a name that is not known': (lab) => { lab.names?.delete('hello.lab') },
    'a zone that answers to every name, this one rightly': (lab) => { lab.wildcard.set('A', ['10.96.1.1']) },
  },
}, { describe, test })

describe('at every server over both transports', () => {
  checkKindContract({
    kind: 'dns',
    healthy: (lab) => {
      lab.ttl = 1
      putDns(lab)
      return { kind: 'dns', from: client, name: 'hello', expect: { clusterIpOf: { service: 'hello' } }, servers: 'each', transport: 'both' }
    },
    faults: {
      'one of two DNS Pods that does not know the name': (lab) => { lab.servers.set(dnsServers.b, new Map([['kubernetes.default', ['10.96.0.1']]])) },
      'one of two DNS Pods that does not answer': (lab) => { lab.servers.set(dnsServers.a, undefined) },
      'no answer over TCP': (lab) => { lab.deafTo.add('tcp') },
      'no answer over UDP': (lab) => { lab.deafTo.add('udp') },
      'answers over UDP that are cut': (lab) => { lab.truncated = true },
      'no DNS Service': (lab) => { lab.kube.objects.delete([...lab.kube.objects].find(([, { kind, metadata }]) => kind === 'Service' && metadata.name === 'kube-dns')?.[0] ?? '') },
    },
  }, { describe, test })
})

describe('for the ports of a headless Service', () => {
  const asked = `SRV _http._tcp.${peers}`
  checkKindContract({
    kind: 'dns',
    healthy: (lab) => {
      lab.ttl = 1
      putPeers(lab)
      return { kind: 'dns', from: client, expect: { srvOf: { service: 'peers', port: 'http' } } }
    },
    faults: {
      'the Service\'s port in place of the Pods\'': (lab) => { lab.records.set(asked, [{ data: `0 50 80 first.${peers}` }, { data: `0 50 80 10-244-2-11.${peers}` }]) },
      'one Pod of two': (lab) => { lab.records.set(asked, [{ data: `0 100 8080 first.${peers}` }]) },
      'no such records': (lab) => { lab.records.delete(asked) },
      'records of another type': (lab) => { lab.records.set(asked, [{ type: 'A', data: '10.244.1.11' }]) },
      'a zone that has records for everything': (lab) => { lab.wildcard.set('SRV', [`0 50 8080 first.${peers}`]) },
    },
  }, { describe, test })
})

describe('for names that nobody has', () => {
  checkKindContract({
    kind: 'dns',
    healthy: () => ({ kind: 'dns', from: client, expect: { nxdomain: true } }),
    faults: {
      'a zone that answers to every name': (lab) => { lab.wildcard.set('A', ['198.51.100.7']) },
      'a zone that denies no name': (lab) => { lab.wildcard.set('A', []) },
      'DNS that does not answer': (lab) => { lab.names = undefined },
      'DNS that knows nothing': (lab) => { lab.names?.clear() },
    },
  }, { describe, test })
})
