import { Deadline, poll } from '@hoplab/core'
import { awsVpcInstaller } from '@hoplab/cni/aws-vpc'
import type { KubeObject } from '@hoplab/kube'
import { expect, test } from 'vitest'
import type { LiveLab } from '../live-lab.ts'
import { faultOf } from './network-faults.ts'

/** Few, so that few Pods use them up. */
export const addressesPerNode = 12

/** What the AWS VPC CNI has that no other network has: addresses of the nodes' network that run out and rest, and metadata that it cannot be without. */
export function awsVpcSuite(get: () => LiveLab): void {
  const lab = { get it() { return get() } }
  ownAddresses(lab)
  withoutMetadata(lab)
  restingAddresses(lab)
}

interface Lab { readonly it: LiveLab }

function ownAddresses(lab: Lab): void {
  const onWorker = (command: string): Promise<string> => lab.it.onNode('worker-1', ['sh', '-ec', command])

  test('a Pod keeps its address through the ClusterIP, and its cable is named by the plugin', async () => {
    const { results } = await lab.it.verify([{ kind: 'source', from: { pod: { name: 'client' } }, to: { service: 'hello', port: 80, via: 'cluster-ip' }, expect: 'client-pod' }])
    expect(results[0]).toMatchObject({ verdict: 'pass' })
    const { result } = await lab.it.trace('client', 'pod/far:8080')
    expect(result.hops.filter(({ kind }) => kind === 'veth').map(({ name }) => name)).toEqual(expect.arrayContaining([expect.stringMatching(/^eni[0-9a-f]{11}$/u)]))
  })

  test('no packet went to a metadata address or left a node for AWS: the node\'s own rule, which counts those that try, counted none', async () => {
    for (const { name } of lab.it.cluster.nodes) {
      const rules = await lab.it.onNode(name, ['nft', 'list', 'table', 'ip', 'hoplab'])
      expect(rules, name).toMatch(/ip daddr 169\.254\.0\.0\/16 counter packets 0 /u)
    }
    // The same counter sees one that tries.
    await onWorker('curl --silent --max-time 2 http://169.254.169.254/ || true')
    expect(await onWorker('nft list table ip hoplab')).toMatch(/ip daddr 169\.254\.0\.0\/16 counter packets [1-9]/u)
  })
}

function withoutMetadata(lab: Lab): void {
  test('without its metadata service Pods that run stay, a new one is refused with the reason, and the agent says why it cannot start', async () => {
    const metadata = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'instance-metadata', namespace: 'kube-system' }
    await lab.it.place(metadata, 'nowhere')
    try {
      const { results } = await lab.it.verify([{ kind: 'reach', from: { pod: { name: 'client' } }, to: { pod: { name: 'far' }, port: 8080 } }, { kind: 'cni-plugin', within: 12 }])
      expect(results[0]).toMatchObject({ verdict: 'pass' })
      expect(results[1]).toMatchObject({ verdict: 'fail', why: expect.stringContaining('that does not answer') })
      using deadline = Deadline.start('a new agent', 200_000)
      await lab.it.cluster.kube.patch({ ...metadata, name: 'aws-node' }, 'merge', { spec: { template: { metadata: { annotations: { 'hoplab.dev/test': 'again' } } } } }, deadline)
      const reasons = await poll(() => awsVpcInstaller().pending({ kube: lab.it.cluster.kube, nodeCount: lab.it.cluster.nodes.length }, deadline), { deadline, until: (all) => all.some((one) => one.startsWith('aws-vpc-cni-init')) })
      expect(reasons.last).toContainEqual(expect.stringMatching(/^aws-vpc-cni-init on \S+ ended with exit code 1: .*(?:IMDS|ec2imds|metadata)/u))
      expect(await faultOf(lab.it, 'HOP_CNI_METADATA_DOWN')).toMatchObject({ exitCode: 3, why: expect.stringMatching(/^no instance-metadata is ready on \S+(?:; aws-vpc-cni-init on \S+ ended with exit code 1: .*)?; no instance-metadata/u), fix: expect.stringContaining('DaemonSet kube-system/instance-metadata') })
    } finally { await lab.it.place(metadata, undefined) }
    using deadline = Deadline.start('all is back', 200_000)
    expect((await poll(() => lab.it.cluster.health(deadline), { deadline, until: ({ ok }) => ok })).last.reasons).toEqual([])
  })
}

function restingAddresses(lab: Lab): void {
  test('addresses that were just released rest: a new Pod is refused with that reason, and gets one half a minute later', async () => {
    using deadline = Deadline.start('fill a node', 150_000)
    const podsOn = async (labelSelector?: string): Promise<KubeObject[]> =>
      (await lab.it.cluster.kube.list({ apiVersion: 'v1', kind: 'Pod', ...(labelSelector === undefined ? {} : { labelSelector }) }, deadline)).filter(({ spec }) => (spec as { nodeName?: string }).nodeName === lab.it.cluster.nodeName('worker-1'))
    // The kubelet counts Pods that still go, and takes no more than there are addresses.
    await poll(() => podsOn('hoplab.dev/role=fresh'), { deadline, until: (left) => left.length === 0 })
    const taken = (await podsOn()).filter(({ spec }) => (spec as { hostNetwork?: boolean }).hostNetwork !== true)
    const names = Array.from({ length: addressesPerNode - taken.length }, (_, index) => `filler-${index}`)
    await lab.it.put(...names.map((name) => lab.it.pod(name, { nodeName: lab.it.cluster.nodeName('worker-1') }, { app: 'filler' })))
    const phases = await poll(async () => (await podsOn('app=filler')).map(({ status }) => (status as { phase?: string }).phase), { deadline, until: (all) => all.every((phase) => phase === 'Running') || all.includes('Failed') })
    expect(phases.last).toEqual(names.map(() => 'Running'))
    // Few, so that the last Pod is gone long before the first address has rested; and more than one, for the kubelet takes no Pod beside one that still goes.
    const [released, kept] = [names.slice(0, 3), names.slice(3)]
    await Promise.all(released.map((name) => lab.it.remove('Pod', name)))
    const look = async (): Promise<unknown[]> => (await lab.it.verify([{ kind: 'cni-plugin', nodes: ['worker-1'], within: 5 }])).results.map(({ verdict, why }) => [verdict, why])
    expect(await look()).toEqual([['fail', expect.stringContaining('a released one rests that long')]])
    // Again and again: one check that waits for longer calls it red once it has been so for ten seconds, and that was before the address had rested or after, as it happened.
    using rested = Deadline.start('an address that has rested', 200_000)
    expect((await poll(look, { deadline: rested, withinMs: 60_000, until: ([first]) => (first as [string])[0] === 'pass' })).last).toEqual([['pass', expect.any(String)]])
    await Promise.all(kept.map((name) => lab.it.remove('Pod', name)))
  })
}
