import { calicoInstaller } from '@hoplab/cni/calico'
import { routesInstaller } from '@hoplab/cni/routes'
import { installedCniContract } from '@hoplab/cni/testing'
import type { ProxyMode } from '@hoplab/model'
import { afterAll, beforeAll, describe } from 'vitest'
import { LiveLab } from './live-lab.ts'
import { otherNetwork } from './suites/other-networks.ts'

/** One cluster each. Calico stands on nftables: that is where its rules and kube-proxy's are of different makes. */
const networks = [[routesInstaller(), 'iptables'], [calicoInstaller(), 'nftables']] as const

describe.each(networks.map(([installer, proxyMode]) => [installer.name, proxyMode, installer] as const))('%s, kube-proxy with %s', (name, proxyMode: ProxyMode, installer) => {
  let lab: LiveLab
  beforeAll(async () => {
    lab = await LiveLab.up({ installer, proxyMode })
    await lab.put(lab.service('hello', { app: 'hello' }, 8080), lab.pod('far', { nodeName: lab.cluster.nodeName('worker-2') }))
    await lab.verify([{ kind: 'reach', from: { pod: { name: 'client' } }, to: { pod: { name: 'far' }, port: 8080 }, within: 60 }])
  })
  afterAll(async () => { await lab?.[Symbol.asyncDispose]() })

  installedCniContract(name, () => lab.asInstalled())
  otherNetwork(() => lab)
})
