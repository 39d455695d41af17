import { Deadline, type ErrorFacts, poll } from '@hoplab/core'
import type { CniInstaller } from '@hoplab/cni'
import type { KubeRef } from '@hoplab/kube'
import type { CniName } from '@hoplab/model'
import { expect, test } from 'vitest'
import type { LiveLab } from '../live-lab.ts'

/** How one network is broken, and mended: commands of a shell in a node. `said` is what its agent's end is told with. */
interface Crash { breaks: string; mends: string; said: RegExp }
/** Where a network is told its addresses: a DaemonSet, the place in it, and what is put there. */
interface Range { set: string; path: string; value: (now: unknown) => unknown; said: RegExp }

/** What makes the agent of a network end again and again when it starts, said in its own last words. */
const crashes: Partial<Record<CniName, Crash>> = {
  // weaveutil netcheck refuses a range of which the node has a part already.
  weave: { breaks: 'ip route add 10.244.99.0/24 dev eth0', mends: 'ip route del 10.244.99.0/24 dev eth0', said: /^weave on \S+ ended with exit code [1-9]\d*: .*10\.244\.99\.0/u },
  // It copies its plugins into this folder when it starts, and no file can take a folder's place.
  'aws-vpc': { breaks: 'nsenter -t 1 -m sh -ec "rm -rf /opt/cni/bin/egress-cni; mkdir /opt/cni/bin/egress-cni"', mends: 'nsenter -t 1 -m rmdir /opt/cni/bin/egress-cni', said: /^aws-node on \S+ ended with exit code [1-9]\d*: .*egress-cni/u },
}

const ranges: Partial<Record<CniName, Range>> = {
  weave: { set: 'weave-net', path: '/spec/template/spec/containers/0/env', value: (now) => (now as { name: string }[]).map((one) => (one.name === 'POD_SUBNET' ? { ...one, value: '10.77.0.0/16' } : one)), said: /^POD_SUBNET of DaemonSet kube-system\/weave-net is 10\.77\.0\.0\/16, the cluster's Pods are in 10\.244\.0\.0\/16/u },
  'aws-vpc': { set: 'instance-metadata', path: '/spec/template/spec/containers/0/command', value: (now) => (now as string[]).map((one, index, all) => (all[index - 1] === '-network' ? '10.77.0.0/22' : one)), said: /^instance-metadata tells of 10\.77\.0\.0\/22, and Node \S+ has 172\./u },
}

/** Faults that keep a network from coming up, provoked one after another in a cluster that is whole again after each. */
export function networkFaultsSuite({ name, capabilities: { ipam } }: CniInstaller, get: () => LiveLab): void {
  const [crash, range] = [crashes[name], ranges[name]]
  missingImage(get)
  if (crash) crashingAgent(get, crash)
  if (range) strayRange(get, range)
  if (ipam === 'per-node') nodeWithoutRange(get)
}

/** What the installer says once it says `code`; the cluster must not count as healthy meanwhile. */
async function faultOf(lab: LiveLab, code: string, seconds = 60): Promise<ErrorFacts> {
  using deadline = Deadline.start(code, seconds * 1_000)
  const look = async (): Promise<ErrorFacts[]> => (await lab.installer.faults({ kube: lab.cluster.kube }, deadline)).map(({ facts }) => facts)
  const { last } = await poll(look, { deadline, until: (all) => all.some((one) => one.code === code) })
  expect((await lab.cluster.health(deadline)).ok).toBe(false)
  return last.find((one) => one.code === code)!
}

async function whole(lab: LiveLab): Promise<void> {
  using deadline = Deadline.start('all is back', 120_000)
  expect((await poll(() => lab.cluster.health(deadline), { deadline, until: ({ ok }) => ok })).last.reasons).toEqual([])
  expect(await lab.installer.faults({ kube: lab.cluster.kube }, deadline)).toEqual([])
}

/** Lets a node's agent be made anew, at once and without what it has waited for. */
async function newAgent(lab: LiveLab, node: string): Promise<{ image: string }> {
  using deadline = Deadline.start('a new agent', 60_000)
  const { namespace, name } = lab.installer.capabilities.agent
  const pods = await lab.cluster.kube.list({ apiVersion: 'v1', kind: 'Pod', namespace, fieldSelector: `spec.nodeName=${node}` }, deadline)
  const pod = pods.find(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.name === name))!
  await lab.cluster.kube.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod.metadata.name }, deadline, { gracePeriodSeconds: 1 })
  return { image: (pod.spec as { containers: { image: string }[] }).containers[0]!.image }
}

function missingImage(get: () => LiveLab): void {
  test('an image that a node lacks: told with its name, the kubelet\'s words and what builds it', async () => {
    const lab = get()
    const node = lab.cluster.nodeName('worker-2')
    const images = (command: string): Promise<string> => lab.onNode(node, ['sh', '-ec', `nsenter -t 1 -m ctr --namespace k8s.io images ${command}`])
    const { image } = await newAgent(lab, node)
    const ref = `docker.io/${image}`
    await images(`tag ${ref} docker.io/hoplab/kept:test`)
    await images(`rm ${ref}`)
    try {
      await newAgent(lab, node)
      expect(await faultOf(lab, 'HOP_CNI_IMAGE_MISSING')).toMatchObject({ exitCode: 3, what: expect.stringContaining(image), why: expect.stringMatching(new RegExp(` on ${node}: (?:ErrImagePull|ImagePullBackOff): `, 'u')), fix: expect.stringContaining('./hoplab images build') })
    } finally {
      await images(`tag docker.io/hoplab/kept:test ${ref}`)
      await images('rm docker.io/hoplab/kept:test')
      await newAgent(lab, node)
    }
    await whole(lab)
  }, 240_000)
}

function crashingAgent(get: () => LiveLab, crash: Crash): void {
  test('an agent that ends whenever it starts: told with its own last words', async () => {
    const lab = get()
    const node = lab.cluster.nodeName('worker-1')
    await lab.onNode(node, ['sh', '-ec', crash.breaks])
    try {
      await newAgent(lab, node)
      expect(await faultOf(lab, 'HOP_CNI_AGENT_CRASHING')).toMatchObject({ exitCode: 3, why: expect.stringMatching(crash.said), fix: expect.stringContaining('pod-logs.txt') })
    } finally {
      await lab.onNode(node, ['sh', '-ec', crash.mends])
      await newAgent(lab, node)
    }
    await whole(lab)
  }, 240_000)
}

function strayRange(get: () => LiveLab, range: Range): void {
  test('addresses unlike those that the cluster was made with: told with both, before what follows from it', async () => {
    const lab = get()
    using deadline = Deadline.start('another range', 200_000)
    const ref: KubeRef = { apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'kube-system', name: range.set }
    const set = await lab.cluster.kube.get(ref, deadline)
    const now = range.path.split('/').slice(1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], set)
    const put = (value: unknown): Promise<unknown> => lab.cluster.kube.patch(ref, 'json', [{ op: 'replace', path: range.path, value }], deadline)
    await put(range.value(now))
    try {
      expect(await faultOf(lab, 'HOP_CNI_RANGE_DIFFERS')).toMatchObject({ exitCode: 3, why: expect.stringMatching(range.said), fix: expect.stringContaining('hoplab up LAB --recreate') })
    } finally { await put(now) }
    await whole(lab)
  }, 240_000)
}

function nodeWithoutRange(get: () => LiveLab): void {
  test('a node that Kubernetes gives no range: a fault where the network takes addresses from there', async () => {
    const lab = get()
    using deadline = Deadline.start('a node without a range', 200_000)
    const onManager = (command: string): Promise<string> => lab.onNode('control-plane', ['sh', '-ec', command])
    const manager = async (allocates: boolean): Promise<void> => {
      await onManager(`sed -i s/--allocate-node-cidrs=${!allocates}/--allocate-node-cidrs=${allocates}/ /proc/1/root/etc/kubernetes/manifests/kube-controller-manager.yaml`)
      const flags = (): Promise<string> => onManager('tr "\\0" "\\n" < /proc/$(pgrep -x kube-controller)/cmdline || true')
      await poll(flags, { deadline, until: (text) => text.includes(`--allocate-node-cidrs=${allocates}`) })
    }
    const bare: KubeRef = { apiVersion: 'v1', kind: 'Node', name: 'bare' }
    await manager(false)
    try {
      await lab.cluster.kube.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'bare' } }, deadline)
      expect(await faultOf(lab, 'HOP_CNI_NODE_WITHOUT_RANGE')).toMatchObject({ exitCode: 3, why: 'Node bare has no spec.podCIDR', fix: expect.stringContaining('--allocate-node-cidrs=true') })
    } finally {
      await lab.cluster.kube.delete(bare, deadline)
      await manager(true)
    }
    await whole(lab)
  }, 240_000)
}
