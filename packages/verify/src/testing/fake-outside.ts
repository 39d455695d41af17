import { outsideMachines } from '@hoplab/model'

/** Ways in and out of a fake lab. */
export const fakeOutside = {
  nodes: '172.20.0.0/24', internet: '198.51.100.0/27', host: '198.51.100.2', gateway: { inner: '172.20.0.254', outer: '198.51.100.30' },
  loadBalancer: { inner: '172.20.0.9', pool: ['198.51.100.8', '198.51.100.23'] as [string, string] },
}

const addresses: Readonly<Record<string, string>> = {
  [outsideMachines.host]: fakeOutside.host, [outsideMachines.gateway]: fakeOutside.gateway.outer, [outsideMachines.loadBalancer]: fakeOutside.loadBalancer.inner,
}

/** Address of a machine beside the nodes, by the name of its shell. */
export const fakeOutsideAddress = (machine: string): string => addresses[machine] ?? ''
