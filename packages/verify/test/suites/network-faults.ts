import { Deadline, type ErrorFacts, poll } from '@hoplab/core'
import type { KubeRef } from '@hoplab/kube'
import { expect, test } from 'vitest'
import type { LiveLab } from '../live-lab.ts'

/** Faults that keep the AWS VPC CNI from coming up, provoked one after another in a cluster that is whole again after each; what it is without its metadata stands with its own suite. */
export function networkFaultsSuite(get: () => LiveLab): void {
  missingImage(get)
  strayRange(get)
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

function strayRange(get: () => LiveLab): void {
  test('addresses unlike those that the cluster was made with: told with both, before what follows from it', async () => {
    const lab = get()
    using deadline = Deadline.start('another range', 200_000)
    const ref: KubeRef = { apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'kube-system', name: 'instance-metadata' }
    const set = await lab.cluster.kube.get(ref, deadline)
    const { template } = set!.spec as { template: { spec: { containers: { command: string[] }[] } } }
    const told = template.spec.containers[0]!.command
    const tell = (command: string[]): Promise<unknown> => lab.cluster.kube.patch(ref, 'json', [{ op: 'replace', path: '/spec/template/spec/containers/0/command', value: command }], deadline)
    await tell(told.map((one, index) => (told[index - 1] === '-network' ? '10.77.0.0/22' : one)))
    try {
      expect(await faultOf(lab, 'HOP_CNI_RANGE_DIFFERS')).toMatchObject({ exitCode: 3, why: expect.stringMatching(/^instance-metadata tells of 10\.77\.0\.0\/22, and Node \S+ has 172\./u), fix: expect.stringContaining('hoplab up LAB --recreate') })
    } finally { await tell(told) }
    await whole(lab)
  }, 240_000)
}
