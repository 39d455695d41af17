import { Deadline } from '@hoplab/core'
import { awsVpcInstaller } from '@hoplab/cni/aws-vpc'
import { installedCniContract } from '@hoplab/cni/testing'
import { useOwnEngine } from '@hoplab/images'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LiveLab } from './live-lab.ts'
import { lostNeighbourSuite, otherNetwork } from './suites/other-networks.ts'

/** Its image takes minutes to compile, so it is nobody's duty to have it: `./hoplab images build --only aws-vpc`. */
const isThere = await (async () => {
  useOwnEngine()
  using deadline = Deadline.start('look for the image', 60_000)
  return (await awsVpcInstaller().probe('local', deadline)).ready
})()

describe.skipIf(!isThere)('aws-vpc, kube-proxy with iptables', () => {
  let lab: LiveLab
  const onWorker = (command: string): Promise<string> => lab.onNode('worker-1', ['sh', '-ec', command])
  beforeAll(async () => {
    lab = await LiveLab.up({ installer: awsVpcInstaller() })
    await lab.put(lab.service('hello', { app: 'hello' }, 8080), lab.pod('far', { nodeName: lab.cluster.nodeName('worker-2') }))
    await lab.verify([{ kind: 'reach', from: { pod: { name: 'client' } }, to: { pod: { name: 'far' }, port: 8080 }, within: 60 }])
  })
  afterAll(async () => { await lab?.[Symbol.asyncDispose]() })

  installedCniContract('aws-vpc', () => lab.asInstalled())
  otherNetwork(() => lab, { lost: lostNeighbourSuite })

  test('a Pod keeps its address through the ClusterIP, and its cable is named by the plugin', async () => {
    const { results } = await lab.verify([{ kind: 'source', from: { pod: { name: 'client' } }, to: { service: 'hello', port: 80, via: 'cluster-ip' }, expect: 'client-pod' }])
    expect(results[0]).toMatchObject({ verdict: 'pass' })
    const { result } = await lab.trace('client', 'pod/far:8080')
    expect(result.hops.filter(({ kind }) => kind === 'veth').map(({ name }) => name)).toEqual(expect.arrayContaining([expect.stringMatching(/^eni[0-9a-f]{11}$/u)]))
  })

  test('no packet went to a metadata address or left a node for AWS: the node\'s own rule, which counts those that try, counted none', async () => {
    for (const { name } of lab.cluster.nodes) {
      const rules = await lab.onNode(name, ['nft', 'list', 'table', 'ip', 'hoplab'])
      expect(rules, name).toMatch(/ip daddr 169\.254\.0\.0\/16 counter packets 0 /u)
    }
    // The same counter sees one that tries.
    await onWorker('curl --silent --max-time 2 http://169.254.169.254/ || true')
    expect(await onWorker('nft list table ip hoplab')).toMatch(/ip daddr 169\.254\.0\.0\/16 counter packets [1-9]/u)
  })
})
