import { calicoInstaller } from '@hoplab/cni/calico'
import { routesInstaller } from '@hoplab/cni/routes'
import { installedCniContract } from '@hoplab/cni/testing'
import { weaveInstaller } from '@hoplab/cni/weave'
import { Deadline } from '@hoplab/core'
import { useOwnEngine } from '@hoplab/images'
import type { ProxyMode } from '@hoplab/model'
import { afterAll, beforeAll, describe } from 'vitest'
import { LiveLab } from './live-lab.ts'
import { lostQuorum, otherNetwork } from './suites/other-networks.ts'

useOwnEngine()
/** Weave's image is built on request, so its network is looked at where somebody has asked for it. */
const hasWeave = (await weaveInstaller().probe('local', Deadline.start('look for the image of Weave', 60_000))).ready

/** One cluster each. Calico stands on nftables: that is where its rules and kube-proxy's are of different makes. */
const networks = [[routesInstaller(), 'iptables'], [calicoInstaller(), 'nftables'], ...(hasWeave ? [[weaveInstaller(), 'iptables'] as const] : [])] as const

describe.each(networks.map(([installer, proxyMode]) => [installer.name, proxyMode, installer] as const))('%s, kube-proxy with %s', (name, proxyMode: ProxyMode, installer) => {
  let lab: LiveLab
  beforeAll(async () => {
    lab = await LiveLab.up({ installer, proxyMode })
    await lab.put(lab.service('hello', { app: 'hello' }, 8080), lab.service('empty', { app: 'nobody' }, 8080), lab.pod('far', { nodeName: lab.cluster.nodeName('worker-2') }))
    await lab.verify([{ kind: 'reach', from: { pod: { name: 'client' } }, to: { pod: { name: 'far' }, port: 8080 }, within: 60 }])
  })
  afterAll(async () => { await lab?.[Symbol.asyncDispose]() })

  installedCniContract(name, () => lab.asInstalled())
  otherNetwork(() => lab)
  if (name === 'weave') lostQuorum(() => lab)
})
