import { Deadline, type ErrorFacts, poll } from '@hoplab/core'
import type { CniInstaller } from '@hoplab/cni'
import type { KubeRef } from '@hoplab/kube'
import type { CniName } from '@hoplab/model'
import { expect, test } from 'vitest'
import type { LiveLab } from '../live-lab.ts'

interface Container { name: string; image: string; command?: string[]; args?: string[]; env?: { name: string; value?: string }[] }
interface Template { spec: { containers: [Container, ...Container[]] } }

/** Where a network is told its addresses, what another cluster's would be there, and what is said of it. */
interface Range { set: string; stray: (told: Container) => Container; said: RegExp; /** Whether the Pods that run now stay as they are. */ held?: boolean }

const ranges: Partial<Record<CniName, Range>> = {
  // A peer that began anew with it would forget whose addresses are whose, and could not be mended.
  weave: { set: 'weave-net', held: true, stray: (told) => ({ ...told, env: (told.env ?? []).map((one) => (one.name === 'POD_SUBNET' ? { ...one, value: '10.77.0.0/16' } : one)) }), said: /^POD_SUBNET of DaemonSet kube-system\/weave-net is 10\.77\.0\.0\/16, the cluster's Pods are in 10\.244\.0\.0\/16/u },
  'aws-vpc': { set: 'instance-metadata', stray: (told) => ({ ...told, command: (told.command ?? []).map((one, index, all) => (all[index - 1] === '-network' ? '10.77.0.0/22' : one)) }), said: /^instance-metadata tells of 10\.77\.0\.0\/22, and Node \S+ has 172\./u },
}

/**
 * Faults that keep a network from coming up, provoked one after another in a cluster that is whole again after each. What it is without its metadata, or
 * without a quorum, stands with the suites of the networks that have these.
 */
export function networkFaultsSuite({ name, capabilities: { ipam } }: CniInstaller, get: () => LiveLab): void {
  // Images that are in no node image, so that to take one from a node takes it from nobody else.
  if (name === 'weave' || name === 'aws-vpc') missingImage(get)
  crashingAgent(get)
  const range = ranges[name]
  if (range) strayRange(get, range)
  if (ipam === 'per-node') nodeWithoutRange(get)
}

/** What the installer says once it says `code`. */
export async function faultOf(lab: LiveLab, code: string): Promise<ErrorFacts> {
  using deadline = Deadline.start(code, 200_000)
  const look = async (): Promise<ErrorFacts[]> => (await lab.installer.faults({ kube: lab.cluster.kube }, deadline)).map(({ facts }) => facts)
  const { last } = await poll(look, { deadline, withinMs: 45_000, until: (all) => all.some((one) => one.code === code) })
  expect(last.map((one) => one.code)).toContain(code)
  return last.find((one) => one.code === code)!
}

async function unhealthy(lab: LiveLab): Promise<void> {
  using deadline = Deadline.start('not healthy', 200_000)
  expect((await lab.cluster.health(deadline)).ok).toBe(false)
}

async function whole(lab: LiveLab): Promise<void> {
  using deadline = Deadline.start('all is back', 120_000)
  expect((await poll(() => lab.cluster.health(deadline), { deadline, withinMs: 100_000, until: ({ ok }) => ok })).last.reasons).toEqual([])
  expect(await lab.installer.faults({ kube: lab.cluster.kube }, deadline)).toEqual([])
}

/** Lets a node's agent be made anew, at once and without what it has waited for; gives the image it had. */
export async function newAgent(lab: LiveLab, node: string): Promise<{ image: string }> {
  using deadline = Deadline.start('a new agent', 200_000)
  const { namespace, name } = lab.installer.capabilities.agent
  const pods = await lab.cluster.kube.list({ apiVersion: 'v1', kind: 'Pod', namespace, fieldSelector: `spec.nodeName=${node}` }, deadline)
  const pod = pods.find(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.name === name))!
  await lab.cluster.kube.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod.metadata.name }, deadline, { gracePeriodSeconds: 1 })
  return { image: (pod.spec as { containers: { image: string }[] }).containers[0]!.image }
}

/** A change of a DaemonSet's first container. `held`: Pods that run stay as they are, but for those that somebody deletes meanwhile. */
interface Change { namespace: string; name: string; change: (told: Container) => Container; held: boolean }

/** Makes the change while `work` goes on. */
async function withChange(lab: LiveLab, { namespace, name, change, held }: Change, work: () => Promise<void>): Promise<void> {
  using deadline = Deadline.start('another container', 200_000)
  const ref: KubeRef = { apiVersion: 'apps/v1', kind: 'DaemonSet', namespace, name }
  const { template, updateStrategy } = (await lab.cluster.kube.get(ref, deadline))!.spec as { template: Template; updateStrategy: object }
  const { containers: [first, ...others] } = template.spec
  const put = (template_: Template, strategy: object): Promise<unknown> =>
    lab.cluster.kube.patch(ref, 'json', [{ op: 'replace', path: '/spec/updateStrategy', value: strategy }, { op: 'replace', path: '/spec/template', value: template_ }], deadline)
  await put({ ...template, spec: { ...template.spec, containers: [change(first), ...others] } }, held ? { type: 'OnDelete' } : updateStrategy)
  try { await work() } finally { await put(template, updateStrategy) }
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
      await unhealthy(lab)
    } finally {
      await images(`tag docker.io/hoplab/kept:test ${ref}`)
      await images('rm docker.io/hoplab/kept:test')
      await newAgent(lab, node)
    }
    await whole(lab)
  })
}

function crashingAgent(get: () => LiveLab): void {
  test('an agent that ends whenever it starts: told with its node and its own last words', async () => {
    const lab = get()
    const node = lab.cluster.nodeName('worker-1')
    const words = 'this machine has no flux compensator'
    // Of what goes to two streams at once nobody says which comes first.
    const change = ({ args: _args, ...told }: Container): Container => ({ ...told, command: ['sh', '-c', `{ echo starting; echo ${words}; } >&2; exit 7`] })
    await withChange(lab, { ...lab.installer.capabilities.agent, change, held: true }, async () => {
      await newAgent(lab, node)
      expect(await faultOf(lab, 'HOP_CNI_AGENT_CRASHING')).toMatchObject({ exitCode: 3, why: expect.stringMatching(new RegExp(`^\\S+ on ${node} ended with exit code 7: ${words}$`, 'u')), fix: expect.stringContaining('pod-logs.txt') })
      await unhealthy(lab)
    })
    await whole(lab)
  })
}

function strayRange(get: () => LiveLab, { set, stray, said, held = false }: Range): void {
  test('addresses unlike those that the cluster was made with: told with both, before what follows from it', async () => {
    const lab = get()
    await withChange(lab, { namespace: 'kube-system', name: set, change: stray, held }, async () => {
      expect(await faultOf(lab, 'HOP_CNI_RANGE_DIFFERS')).toMatchObject({ exitCode: 3, why: expect.stringMatching(said), fix: expect.stringContaining('hoplab up LAB --recreate') })
      await unhealthy(lab)
    })
    await whole(lab)
  })
}

function nodeWithoutRange(get: () => LiveLab): void {
  test('a node that Kubernetes gives no range: told by its name, where the network takes addresses from there', async () => {
    const lab = get()
    using deadline = Deadline.start('a node without a range', 200_000)
    // It gives ranges. Held still for less than the 10 s after which it would have lost its Lease.
    const manager = (signal: 'STOP' | 'CONT'): Promise<string> => lab.onNode('control-plane', ['sh', '-ec', `kill -${signal} $(pgrep -x kube-controller)`])
    await manager('STOP')
    try {
      await lab.cluster.kube.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'bare' } }, deadline)
      expect(await faultOf(lab, 'HOP_CNI_NODE_WITHOUT_RANGE')).toMatchObject({ exitCode: 3, why: 'Node bare has no spec.podCIDR', fix: expect.stringContaining('--allocate-node-cidrs=true') })
    } finally {
      await lab.cluster.kube.delete({ apiVersion: 'v1', kind: 'Node', name: 'bare' }, deadline)
      await manager('CONT')
    }
    await whole(lab)
  })
}
