import { Deadline, poll } from '@hoplab/core'
import { awsVpcInstaller } from '@hoplab/cni/aws-vpc'
import { installedCniContract } from '@hoplab/cni/testing'
import { useOwnEngine } from '@hoplab/images'
import type { KubeObject } from '@hoplab/kube'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LiveLab } from './live-lab.ts'
import { otherNetwork } from './suites/other-networks.ts'

const addressesPerNode = 12

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
    // Few addresses, so that few Pods use them up.
    lab = await LiveLab.up({ installer: awsVpcInstaller({ addressesPerNode }) })
    await lab.put(lab.service('hello', { app: 'hello' }, 8080), lab.service('empty', { app: 'nobody' }, 8080), lab.pod('far', { nodeName: lab.cluster.nodeName('worker-2') }))
    await lab.verify([{ kind: 'reach', from: { pod: { name: 'client' } }, to: { pod: { name: 'far' }, port: 8080 }, within: 60 }])
  })
  afterAll(async () => { await lab?.[Symbol.asyncDispose]() })

  installedCniContract('aws-vpc', () => lab.asInstalled())
  otherNetwork(() => lab)

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

  test('without its metadata service Pods that run stay, a new one is refused with the reason, and the agent says why it cannot start', async () => {
    const metadata = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'instance-metadata', namespace: 'kube-system' }
    await lab.place(metadata, 'nowhere')
    try {
      const { results } = await lab.verify([{ kind: 'reach', from: { pod: { name: 'client' } }, to: { pod: { name: 'far' }, port: 8080 } }, { kind: 'cni-plugin', within: 12 }])
      expect(results[0]).toMatchObject({ verdict: 'pass' })
      expect(results[1]).toMatchObject({ verdict: 'fail', why: expect.stringContaining('that does not answer') })
      using deadline = Deadline.start('a new agent', 90_000)
      await lab.cluster.kube.patch({ ...metadata, name: 'aws-node' }, 'merge', { spec: { template: { metadata: { annotations: { 'hoplab.dev/test': 'again' } } } } }, deadline)
      const reasons = await poll(() => awsVpcInstaller().pending({ kube: lab.cluster.kube, nodeCount: lab.cluster.nodes.length }, deadline), { deadline, until: (all) => all.some((one) => one.startsWith('aws-vpc-cni-init')) })
      expect(reasons.last).toContainEqual(expect.stringMatching(/^aws-vpc-cni-init on \S+ ended with exit code 1: .*(?:IMDS|ec2imds|metadata)/u))
    } finally { await lab.place(metadata, undefined) }
    using deadline = Deadline.start('all is back', 90_000)
    expect((await poll(() => lab.cluster.health(deadline), { deadline, until: ({ ok }) => ok })).last.reasons).toEqual([])
  }, 240_000)

  test('addresses that were just released rest: a new Pod is refused with that reason, and gets one half a minute later', async () => {
    using deadline = Deadline.start('fill a node', 150_000)
    const podsOn = async (labelSelector?: string): Promise<KubeObject[]> =>
      (await lab.cluster.kube.list({ apiVersion: 'v1', kind: 'Pod', ...(labelSelector === undefined ? {} : { labelSelector }) }, deadline)).filter(({ spec }) => (spec as { nodeName?: string }).nodeName === lab.cluster.nodeName('worker-1'))
    // The kubelet counts Pods that still go, and takes no more than there are addresses.
    await poll(() => podsOn('hoplab.dev/role=fresh'), { deadline, until: (left) => left.length === 0 })
    const taken = (await podsOn()).filter(({ spec }) => (spec as { hostNetwork?: boolean }).hostNetwork !== true)
    const names = Array.from({ length: addressesPerNode - taken.length }, (_, index) => `filler-${index}`)
    await lab.put(...names.map((name) => lab.pod(name, { nodeName: lab.cluster.nodeName('worker-1') }, { app: 'filler' })))
    const phases = await poll(async () => (await podsOn('app=filler')).map(({ status }) => (status as { phase?: string }).phase), { deadline, until: (all) => all.every((phase) => phase === 'Running') || all.includes('Failed') })
    expect(phases.last).toEqual(names.map(() => 'Running'))
    await Promise.all(names.map((name) => lab.remove('Pod', name)))
    const look = async (within: number): Promise<unknown> => (await lab.verify([{ kind: 'cni-plugin', within }])).results[0]
    expect(await look(5)).toMatchObject({ verdict: 'fail', why: expect.stringContaining('a released one rests that long') })
    expect(await look(60)).toMatchObject({ verdict: 'pass' })
  }, 240_000)
})
