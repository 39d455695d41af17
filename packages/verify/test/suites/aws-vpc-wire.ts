import { randomUUID } from 'node:crypto'
import { Deadline, poll, type Progress } from '@hoplab/core'
import { expect, test } from 'vitest'
import { isIn } from '../../src/witness/ranges.ts'
import type { LiveLab } from '../live-lab.ts'
import { captureOnNodes, type NodeCaptures, type Seen, seenText } from '../node-captures.ts'

/**
 * What is for nobody in a lab: no node, Pod or Service, no loopback, multicast or broadcast; and every question of DNS, also those that a node's own
 * resolver takes on its loopback (127.0.0.11, of the engine).
 */
const strange = 'ip and ((not dst net 127.0.0.0/8 and not dst net 172.28.0.0/16 and not dst net 10.96.0.0/16 and not dst net 224.0.0.0/4 and not dst host 255.255.255.255) or port 53 or host 127.0.0.11)'

/** Captures that begin while a cluster is made. */
export interface WatchedInstall {
  /** To be given to whoever makes the cluster: they begin when its toolboxes are there. */
  progress: Progress
  captures(): Promise<NodeCaptures>
  /** Whether all of them listened when the plugin was applied. */
  inTime(): boolean
}

/** Watches for what is {@link strange} from before the plugin is installed. */
export function watchInstall(): WatchedInstall {
  let begun: Promise<NodeCaptures> | undefined
  let [listens, inTime] = [false, false]
  const begin = async (): Promise<NodeCaptures> => { const captures = await captureOnNodes(strange); listens = true; return captures }
  return {
    progress: (event) => {
      if (event.type === 'phase-end' && event.phase === 'toolboxes') { begun = begin(); begun.catch(() => undefined) }
      if (event.type === 'phase-start' && event.phase === 'cni') inTime = listens
    },
    captures: async () => begun ?? Promise.reject(new Error('No toolbox was started.')),
    inTime: () => inTime,
  }
}

/** Of the AWS VPC CNI: what the wire between nodes carries, and that nothing of it goes to AWS. The first of its cluster, for others do ask addresses outside. */
export function awsVpcWireSuite(get: () => LiveLab, install: () => WatchedInstall): void {
  quietInstall(get, install)
  plainWire(get)
}

/** The address of every cloud's metadata service, and one that stands for an endpoint of AWS: reserved for documentation (RFC 5737), outside of the lab as all of those are. */
const outside = { metadata: '169.254.169.254', endpoint: '203.0.113.7' } as const
const endpointName = 'ec2.eu-central-1.amazonaws.com'
/** What tells a control from anything of the plugin's: the port that it goes to, for the plugin's SNAT changes that which it comes from; of a question, the latter. */
const controlPort = 40_169

function quietInstall(get: () => LiveLab, install: () => WatchedInstall): void {
  test('from before the plugin is applied until its agents have begun anew and a Pod has come and gone, no node sends a packet to a metadata address or any other outside of the lab, nor asks for a name of AWS; the same captures see each of these', async () => {
    const lab = get()
    expect(install().inTime()).toBe(true)
    const captures = await install().captures()
    await startAgentsAnew(lab)
    await lab.put(lab.pod('passing', { nodeName: lab.cluster.nodeName('worker-2') }))
    expect((await lab.verify([{ kind: 'reach', from: { pod: { name: 'client' } }, to: { pod: { name: 'passing' }, port: 8080 }, within: 30 }])).results).toMatchObject([{ verdict: 'pass' }])
    await lab.remove('Pod', 'passing')
    await sendControls(lab)
    const seen = await captures.stop()
    const beyond = seen.filter(({ uplink, way, packet: { dst } }) => uplink && way === 'out' && !isIn(dst, lab.cluster.spec.podSubnet))
    // A name stands in a question label by label (RFC 1035), and an ICMP error quotes what it is about.
    const asked = seen.filter(({ packet, text }) => packet.icmp === undefined && text.includes('amazonaws'))
    const isControl = ({ packet }: Seen): boolean => [packet.tcp?.to, packet.udp?.from].some((end) => end?.endsWith(`:${controlPort}`))
    expect([...beyond, ...asked].filter((one) => !isControl(one)).map(seenText)).toEqual([])
    expect(new Set(beyond.filter(isControl).map(({ packet }) => packet.dst))).toEqual(new Set(Object.values(outside)))
    expect(new Set(asked.filter(isControl).map(({ uplink }) => uplink))).toEqual(new Set([true, false]))
  })
}

async function startAgentsAnew(lab: LiveLab): Promise<void> {
  using deadline = Deadline.start('new agents', 120_000)
  await lab.cluster.kube.patch({ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'aws-node', namespace: 'kube-system' }, 'merge', { spec: { template: { metadata: { annotations: { 'hoplab.dev/test': 'seen' } } } } }, deadline)
  expect((await poll(() => lab.cluster.health(deadline), { deadline, until: ({ ok }) => ok })).last.reasons).toEqual([])
}

/** One of each from worker-1: both addresses are worker-2's own meanwhile, and nobody answers questions at these two places, so that nothing leaves the cluster. */
async function sendControls(lab: LiveLab): Promise<void> {
  const [here, there] = ['worker-1', 'worker-2'] as const
  const on = (node: string, command: string): Promise<string> => lab.onNode(node, ['bash', '-ec', command])
  const via = addressOfNode(lab, there)
  const addresses = Object.values(outside)
  for (const address of addresses) {
    await on(there, `ip address add ${address}/32 dev lo`)
    await on(here, `ip route add ${address}/32 via ${via} dev eth0`)
  }
  await on(here, `nft insert rule ip hoplab closed ip daddr ${outside.metadata} accept`)
  try {
    for (const address of addresses) await on(here, `curl --silent --max-time 2 --output /dev/null http://${address}:${controlPort}/ || true`)
    await on(here, `dig +time=1 +tries=1 -b 0.0.0.0#${controlPort} @${via} ${endpointName} || true`)
    await on(here, `dig +time=1 +tries=1 -b 0.0.0.0#${controlPort} -p 9 @127.0.0.11 ${endpointName} || true`)
  } finally {
    await on(here, `nft delete rule ip hoplab closed handle $(nft --handle list chain ip hoplab closed | sed -n 's/.* accept # handle //p')`)
    for (const address of addresses) {
      await on(here, `ip route del ${address}/32`)
      await on(there, `ip address del ${address}/32 dev lo`)
    }
  }
}

const addressOfNode = (lab: LiveLab, position: string): string => lab.cluster.nodes.find(({ name }) => name === lab.cluster.nodeName(position))!.address

function plainWire(get: () => LiveLab): void {
  test('uplinks carry a Pod\'s request to another node as it is, between addresses of the nodes\' own network, also where it asked the ClusterIP; the same captures see a word inside of a datagram between nodes', async () => {
    const lab = get()
    const [client, far] = await Promise.all([lab.addressOf('client'), lab.addressOf('far')])
    const [direct, through, wrapped] = ['direct', 'through', 'wrapped'].map((word) => `${word}-${randomUUID()}`) as [string, string, string]
    const clusterIp = await serviceOfFar(lab)
    const captures = await captureOnNodes('ip and not net 127.0.0.0/8 and not port 6443 and not port 2379')
    await lab.askOnce(`${far}:8080`, direct)
    await lab.askOnce(`${clusterIp}:80`, through)
    const [here, there] = [addressOfNode(lab, 'worker-1'), addressOfNode(lab, 'worker-2')]
    await lab.onNode('worker-1', ['sh', '-ec', `printf %s ${wrapped} | nc -u -w 1 -q 0 ${there} 4789`])
    const seen = (await captures.stop()).filter(({ uplink }) => uplink)
    const ways = (word: string): string[] => [...new Set(seen.filter(({ packet, text }) => packet.icmp === undefined && text.includes(word)).map(wayText))].sort()
    const between = [`worker-1 in ${far} → ${client}`, `worker-1 out ${client} → ${far}`, `worker-2 in ${client} → ${far}`, `worker-2 out ${far} → ${client}`]
    expect({ direct: ways(direct), through: ways(through), wrapped: ways(wrapped) }).toEqual({ direct: between, through: between, wrapped: [`worker-1 out ${here} → ${there}`, `worker-2 in ${here} → ${there}`] })
    const [{ addr_info: [own] }] = JSON.parse(await lab.onNode('worker-1', ['ip', '-json', '-4', 'address', 'show', 'dev', 'eth0'])) as [{ addr_info: [{ local: string; prefixlen: number }] }]
    expect([client, far].map((address) => [address, isIn(address, `${own.local}/${own.prefixlen}`)])).toEqual([[client, true], [far, true]])
    await lab.remove('Service', 'far')
  })
}

/** How a packet passed, without ports: that of its sender was drawn. */
const wayText = ({ position, way, packet: { src, dst } }: Seen): string => `${position} ${way} ${src} → ${dst}`

/** A Service whose one endpoint is the Pod `far`; its address, once it answers. */
async function serviceOfFar(lab: LiveLab): Promise<string> {
  using deadline = Deadline.start('a Service', 200_000)
  await lab.put(lab.service('far', { app: 'far' }))
  expect((await lab.verify([{ kind: 'reach', from: { pod: { name: 'client' } }, to: { service: 'far', port: 80, via: 'cluster-ip' }, within: 20 }])).results).toMatchObject([{ verdict: 'pass' }])
  const service = await lab.cluster.kube.get({ apiVersion: 'v1', kind: 'Service', name: 'far', namespace: 'live' }, deadline)
  return (service!.spec as { clusterIP: string }).clusterIP
}
