import { awsVpcInstaller } from '@hoplab/cni/aws-vpc'
import { calicoInstaller } from '@hoplab/cni/calico'
import { flannelInstaller } from '@hoplab/cni/flannel'
import { routesInstaller } from '@hoplab/cni/routes'
import { installedCniContract } from '@hoplab/cni/testing'
import { weaveInstaller } from '@hoplab/cni/weave'
import { useOwnEngine } from '@hoplab/images'
import type { ProxyMode } from '@hoplab/model'
import { afterAll, beforeAll, describe } from 'vitest'
import { drawnNetworks, networkName } from './drawn-networks.ts'
import { LiveLab } from './live-lab.ts'
import { addressesPerNode, awsVpcSuite } from './suites/aws-vpc.ts'
import { awsVpcWireSuite, watchInstall } from './suites/aws-vpc-wire.ts'
import { networkFaultsSuite } from './suites/network-faults.ts'
import { lostNeighbourSuite, lostQuorum, otherNetwork, routePutBackSuite } from './suites/other-networks.ts'
import { sleeveSuite } from './suites/sleeve.ts'
import { uplinkSuite } from './suites/uplink.ts'

useOwnEngine()
/** Calico stands on nftables: that is where its rules and kube-proxy's are of different makes. Images of Weave and the AWS VPC CNI are built on request. */
const networks = await drawnNetworks([
  [flannelInstaller({ backend: 'host-gw' }), 'iptables'], [flannelInstaller({ directRouting: true }), 'nftables'], [calicoInstaller({ vxlanMode: 'CrossSubnet' }), 'iptables'],
  [routesInstaller(), 'iptables'], [calicoInstaller(), 'nftables'], [weaveInstaller(), 'iptables'], [awsVpcInstaller({ addressesPerNode }), 'iptables'],
])

describe.each(networks.map(([installer, proxyMode]) => [networkName(installer), proxyMode, installer] as const))('%s, kube-proxy with %s', (_network, proxyMode: ProxyMode, installer) => {
  const { name, options } = installer
  let lab: LiveLab
  const install = watchInstall()
  beforeAll(async () => {
    lab = await LiveLab.up({ installer, proxyMode, ...(name === 'aws-vpc' ? { progress: install.progress } : {}) })
    await lab.put(lab.service('hello', { app: 'hello' }, 8080), lab.service('empty', { app: 'nobody' }, 8080), lab.pod('far', { nodeName: lab.cluster.nodeName('worker-2') }))
    await lab.verify([{ kind: 'reach', from: { pod: { name: 'client' } }, to: { pod: { name: 'far' }, port: 8080 }, within: 60 }])
  })
  afterAll(async () => { await lab?.[Symbol.asyncDispose]() })

  if (name === 'aws-vpc') awsVpcWireSuite(() => lab, () => install)
  installedCniContract(name, () => lab.asInstalled())
  const lost = name === 'aws-vpc' ? lostNeighbourSuite : options?.flannel?.backend === 'host-gw' ? routePutBackSuite : undefined
  otherNetwork(() => lab, lost ? { lost } : {})
  // Where an option takes the tunnel away.
  if (options) uplinkSuite(() => lab)
  if (name === 'aws-vpc') awsVpcSuite(() => lab)
  if (name === 'weave') sleeveSuite(() => lab)
  networkFaultsSuite(installer, () => lab)
  if (name === 'weave') lostQuorum(() => lab)
})
