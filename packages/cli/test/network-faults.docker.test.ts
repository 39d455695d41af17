import { readdir } from 'node:fs/promises'
import { Deadline } from '@hoplab/core'
import { run } from '@hoplab/core/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leftovers } from './leftovers.ts'
import { atStartOf, typed } from './typed-command.ts'

const lab = 't-netfault'
const node = (name: string): string => `hoplab-${lab}-${name}`
const clean = (): Promise<unknown> => typed(['clean', '--all', '--lab', lab])
beforeAll(clean)
afterAll(clean)

/** Of ten minutes: a network that comes up has done so by then on 2 cores, and one that does not need not be waited for longer. */
const factor = '0.2'
const boundMs = 120_000
/** To collect evidence and remove what was made. */
const afterwardsMs = 60_000

async function onNode(name: string, script: string): Promise<void> {
  using deadline = Deadline.start('break a node', 60_000)
  await run('docker', ['exec', node(name), 'sh', '-ec', script], { deadline })
}
const kubectl = (command: string): Promise<void> => onNode('control-plane', `kubectl --kubeconfig /etc/kubernetes/admin.conf --namespace kube-system ${command}`)
const nowhere = (set: string): Promise<void> => kubectl(`patch daemonset ${set} --patch '{"spec":{"template":{"spec":{"nodeSelector":{"hoplab.dev/test":"nowhere"}}}}}'`)
const agentsAnew = (label: string): Promise<void> => kubectl(`delete pods --selector ${label} --grace-period 1 --wait=false`)

interface Fault { cni: string; title: string; breaks: () => Promise<void>; code: string; why: RegExp; fix: RegExp; notes: RegExp[] }

const every = ['control-plane', 'worker', 'worker2']
const faults: Fault[] = [
  {
    cni: 'aws-vpc', title: 'a node lacks the image, and the metadata service runs nowhere',
    breaks: async () => {
      await nowhere('instance-metadata')
      await onNode('worker2', 'ref=$(ctr --namespace k8s.io images ls -q | grep /aws-vpc:) && ctr --namespace k8s.io images rm $ref')
      await agentsAnew('k8s-app=aws-node')
    },
    code: 'HOP_CNI_IMAGE_MISSING', why: /aws-vpc-cni-init on \S+-worker2: (?:ErrImagePull|ImagePullBackOff): /u, fix: /^Run "\.\/hoplab images build --only node,toolbox,aws-vpc", then "hoplab up LAB --recreate"\.$/u,
    notes: [/^HOP_CNI_METADATA_DOWN: .*no instance-metadata is ready on \S+; aws-vpc-cni-init on \S+ ended with exit code 1: /u],
  },
  {
    cni: 'weave', title: 'peers do not reach each other',
    breaks: async () => { await Promise.all(every.map((name) => onNode(name, 'iptables -w -I INPUT -p tcp --dport 6783 -j DROP; rm -f /var/lib/weave/*; pkill -x weaver || true'))) },
    code: 'HOP_CNI_NO_QUORUM', why: /weave-net on \S+ is not ready: .*awaiting consensus \(quorum: 2, known: 1\)/u, fix: /TCP and UDP 6783/u, notes: [],
  },
]

/** Their images are built on request, and each takes three minutes. */
const asked = process.env.HOPLAB_TEST_NETWORKS ?? ''
const looked = faults.filter(({ cni }) => asked === 'all' || asked.split(',').includes(cni))

describe.skipIf(looked.length === 0)('a network that does not come up', () => {
  test.for(looked)('$cni: $title; up says so with a fix, keeps evidence and leaves nothing', async ({ cni, breaks, code, why, fix, notes }) => {
    const result = await typed(['up', 'first-packet', '--cni', cni, '--lab', lab, '--json'], { env: { HOPLAB_TIMEOUT_FACTOR: factor }, moment: { when: atStartOf('ready'), then: breaks } })
    expect(result.sawMoment, result.stdout + result.stderr).toBe(true)
    expect([result.exitCode, JSON.parse(result.stdout)], result.stderr.slice(-2_000)).toMatchObject([3, { error: { code, why: expect.stringMatching(why), fix: expect.stringMatching(fix), evidence: expect.any(String) } }])
    expect(result.durationMs).toBeLessThan(boundMs + afterwardsMs)
    expect(result.events.flatMap((event) => (event.type === 'note' ? event.text : []))).toEqual(expect.arrayContaining(notes.map((note) => expect.stringMatching(note))))
    const { error: { evidence } } = JSON.parse(result.stdout) as { error: { evidence: string } }
    expect(await readdir(evidence)).toContain('error.json')
    expect(await leftovers(lab)).toEqual([])
  })
})
