import { Deadline, poll } from '@hoplab/core'
import { awsVpcInstaller } from '@hoplab/cni/aws-vpc'
import type { KubeObject } from '@hoplab/kube'
import { expect, test } from 'vitest'
import type { LiveLab } from '../live-lab.ts'
import { isIn } from '../../src/witness/ranges.ts'
import { type OnUplink, watchUplinks } from '../uplinks.ts'

/** Few, so that few Pods use them up. */
export const addressesPerNode = 12

/** What the AWS VPC CNI has that no other network has: addresses of the nodes' network that run out and rest, and metadata that it cannot be without. */
export function awsVpcSuite(get: () => LiveLab): void {
  const lab = { get it() { return get() } }
  ownAddresses(lab)
  quietUplinks(lab)
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

/** The address of every cloud's metadata service, and one that stands for an endpoint of AWS: reserved for documentation (RFC 5737), outside of the lab as all of those are. */
const outside = { metadata: '169.254.169.254', endpoint: '203.0.113.7' } as const
const endpointName = 'ec2.eu-central-1.amazonaws.com'
/** What tells the control from anything of the plugin's: the port that it goes to, for the plugin's SNAT changes that which it comes from; of a question, the latter. */
const controlPort = 40_169

function quietUplinks(lab: Lab): void {
  test('while agents start anew and a Pod comes and goes, no uplink carries a packet for a metadata address or any other outside of the lab, nor a question for a name of AWS; the same captures see each of these', async () => {
    const { podSubnet: lan, serviceSubnet } = lab.it.cluster.spec
    const watch = await watchUplinks(lab.it, `ip and not net 127.0.0.0/8 and (not (dst net ${lan} or dst net ${serviceSubnet}) or port 53)`)
    await startAgentsAnew(lab.it)
    await lab.it.put(lab.it.pod('passing', { nodeName: lab.it.cluster.nodeName('worker-2') }))
    await lab.it.verify([{ kind: 'reach', from: { pod: { name: 'client' } }, to: { pod: { name: 'passing' }, port: 8080 }, within: 30 }])
    await lab.it.remove('Pod', 'passing')
    await sendControls(lab.it)
    const sent = (await watch.stop()).filter(({ way }) => way === 'out')
    // Multicast and broadcast stay on the lab's network.
    const beyond = sent.filter(({ packet: { dst } }) => ![lan, '224.0.0.0/4', '255.255.255.255/32'].some((range) => isIn(dst, range)))
    const asked = sent.filter(({ packet, text }) => packet.icmp === undefined && text.includes('amazonaws'))
    const isControl = ({ packet }: OnUplink): boolean => [packet.tcp?.to, packet.udp?.from].some((end) => end?.endsWith(`:${controlPort}`))
    expect([...beyond, ...asked].filter((one) => !isControl(one)).map(({ node, packet: { src, dst, tcp, udp } }) => `${node}: ${(tcp ?? udp)?.from ?? src} → ${(tcp ?? udp)?.to ?? dst}`)).toEqual([])
    expect(new Set(beyond.filter(isControl).map(({ packet }) => packet.dst))).toEqual(new Set(Object.values(outside)))
    expect(asked.filter(isControl)).not.toEqual([])
  }, 240_000)
}

async function startAgentsAnew(lab: LiveLab): Promise<void> {
  using deadline = Deadline.start('new agents', 120_000)
  await lab.cluster.kube.patch({ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'aws-node', namespace: 'kube-system' }, 'merge', { spec: { template: { metadata: { annotations: { 'hoplab.dev/test': 'seen' } } } } }, deadline)
  expect((await poll(() => lab.cluster.health(deadline), { deadline, until: ({ ok }) => ok })).last.reasons).toEqual([])
}

/** One of each over worker-1's uplink; both addresses are worker-2's own meanwhile, so that nothing leaves the cluster. */
async function sendControls(lab: LiveLab): Promise<void> {
  const [here, there] = ['worker-1', 'worker-2'] as const
  const on = (node: string, command: string): Promise<string> => lab.onNode(node, ['bash', '-ec', command])
  const { address: via } = lab.cluster.nodes.find(({ name }) => name === lab.cluster.nodeName(there))!
  const addresses = Object.values(outside)
  for (const address of addresses) {
    await on(there, `ip address add ${address}/32 dev lo`)
    await on(here, `ip route add ${address}/32 via ${via} dev eth0`)
  }
  await on(here, `nft insert rule ip hoplab closed ip daddr ${outside.metadata} accept`)
  try {
    for (const address of addresses) await on(here, `curl --silent --max-time 2 --output /dev/null http://${address}:${controlPort}/ || true`)
    await on(here, `dig +time=1 +tries=1 -b 0.0.0.0#${controlPort} @${via} ${endpointName} || true`)
  } finally {
    await on(here, `nft delete rule ip hoplab closed handle $(nft --handle list chain ip hoplab closed | sed -n 's/.* accept # handle //p')`)
    for (const address of addresses) {
      await on(here, `ip route del ${address}/32`)
      await on(there, `ip address del ${address}/32 dev lo`)
    }
  }
}

function withoutMetadata(lab: Lab): void {
  test('without its metadata service Pods that run stay, a new one is refused with the reason, and the agent says why it cannot start', async () => {
    const metadata = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'instance-metadata', namespace: 'kube-system' }
    await lab.it.place(metadata, 'nowhere')
    try {
      const { results } = await lab.it.verify([{ kind: 'reach', from: { pod: { name: 'client' } }, to: { pod: { name: 'far' }, port: 8080 } }, { kind: 'cni-plugin', within: 12 }])
      expect(results[0]).toMatchObject({ verdict: 'pass' })
      expect(results[1]).toMatchObject({ verdict: 'fail', why: expect.stringContaining('that does not answer') })
      using deadline = Deadline.start('a new agent', 90_000)
      await lab.it.cluster.kube.patch({ ...metadata, name: 'aws-node' }, 'merge', { spec: { template: { metadata: { annotations: { 'hoplab.dev/test': 'again' } } } } }, deadline)
      const reasons = await poll(() => awsVpcInstaller().pending({ kube: lab.it.cluster.kube, nodeCount: lab.it.cluster.nodes.length }, deadline), { deadline, until: (all) => all.some((one) => one.startsWith('aws-vpc-cni-init')) })
      expect(reasons.last).toContainEqual(expect.stringMatching(/^aws-vpc-cni-init on \S+ ended with exit code 1: .*(?:IMDS|ec2imds|metadata)/u))
    } finally { await lab.it.place(metadata, undefined) }
    using deadline = Deadline.start('all is back', 90_000)
    expect((await poll(() => lab.it.cluster.health(deadline), { deadline, until: ({ ok }) => ok })).last.reasons).toEqual([])
  }, 240_000)
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
    await Promise.all(names.map((name) => lab.it.remove('Pod', name)))
    const look = async (within: number): Promise<unknown[]> => (await lab.it.verify([{ kind: 'cni-plugin', within }])).results.map(({ verdict, why }) => [verdict, why])
    expect(await look(5)).toEqual([['fail', expect.stringContaining('a released one rests that long')]])
    expect(await look(60)).toEqual([['pass', expect.any(String)]])
  }, 240_000)
}
