import { readdir } from 'node:fs/promises'
import { Deadline } from '@hoplab/core'
import { exec } from '@hoplab/core/node'
import { useOwnEngine } from '@hoplab/images'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installerOf } from '../src/implementations.ts'
import { commitLot } from './commit-lot.ts'
import { leftovers } from './leftovers.ts'
import { atStartOf, type Moment, typed } from './typed-command.ts'

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
  const { exitCode, stderr } = await exec('docker', ['exec', node(name), 'sh', '-ec', script], { deadline })
  expect(exitCode, `${script}: ${stderr}`).toBe(0)
}
const kubectl = (command: string): Promise<void> => onNode('control-plane', `kubectl --kubeconfig /etc/kubernetes/admin.conf --namespace kube-system ${command}`)

/** Breaks something while `up` stands still as it begins to wait, so that it cannot have become ready before. */
const asItWaits = (breaks: () => Promise<void>): Moment => ({ when: atStartOf('ready'), then: async (pid) => {
  process.kill(pid, 'SIGSTOP')
  try { await breaks() } finally { process.kill(pid, 'SIGCONT') }
} })

/** What breaks a network while `up` makes it; what `up` ends with, and what it tells beside that as notes. */
interface Fault { cni: string; title: string; moment: Moment; code: string; why: RegExp; fix: RegExp; notes: RegExp[] }

const every = ['control-plane', 'worker', 'worker2']
const faults: Fault[] = [
  {
    cni: 'flannel', title: 'the controller manager gives nodes no range, as if it had been set up so',
    // Workers join later. The kubelet takes every file of that folder for a Pod, so that the new one is written elsewhere.
    moment: { when: atStartOf('cni'), then: () => onNode('control-plane', 'cd /etc/kubernetes; file=manifests/kube-controller-manager.yaml; sed s/--allocate-node-cidrs=true/--allocate-node-cidrs=false/ $file > changed.yaml; mv changed.yaml $file; pkill -9 -x kube-controller || true') },
    code: 'HOP_CNI_NODE_WITHOUT_RANGE', why: /Node \S+-worker2? has no spec\.podCIDR/u, fix: /--allocate-node-cidrs=true/u,
    notes: [/^HOP_CNI_AGENT_CRASHING: .*kube-flannel on \S+ ended with exit code [1-9]\d*: /u],
  },
  {
    cni: 'aws-vpc', title: 'a node lacks the image, the metadata tell of another network, and no agent can ask for its node',
    moment: asItWaits(async () => {
      await onNode('worker2', 'ref=$(ctr --namespace k8s.io images ls -q | grep /aws-vpc:) && ctr --namespace k8s.io images rm $ref')
      // A patch, for the controller writes the status of this DaemonSet meanwhile, and a replacement of what was read is refused then.
      const command = '/spec/template/spec/containers/0/command'
      await kubectl(`get daemonset instance-metadata --output json | jq --compact-output '[{ op: "replace", path: "${command}", value: (.spec.template.spec.containers[0].command | map(if test("^172[.]") then "10.77.0.0/22" else . end)) }]' > /root/patch.json; test -s /root/patch.json`)
      await kubectl('patch daemonset instance-metadata --type json --patch-file /root/patch.json')
      await kubectl('delete pods --selector k8s-app=aws-node --grace-period 1 --ignore-not-found')
    }),
    code: 'HOP_CNI_IMAGE_MISSING', why: / on \S+-worker2: (?:ErrImagePull|ImagePullBackOff): /u, fix: /^Run "\.\/hoplab images build --only node,toolbox,aws-vpc", then run "hoplab up LAB --recreate"\.$/u,
    notes: [
      /^HOP_CNI_RANGE_DIFFERS: .*instance-metadata tells of 10\.77\.0\.0\/22, and Node \S+ has 172\./u, /^HOP_CNI_METADATA_DOWN: .*no instance-metadata is ready on \S+/u,
      /^HOP_CNI_AGENT_CRASHING: .*aws-vpc-cni-init on \S+ ended with exit code 1: /u,
    ],
  },
  {
    cni: 'weave', title: 'peers do not reach each other',
    moment: asItWaits(async () => { await Promise.all(every.map((name) => onNode(name, 'iptables -w -I INPUT -p tcp --dport 6783 -j DROP; rm -f /var/lib/weave/*; pkill -x weaver || true'))) }),
    code: 'HOP_CNI_NO_QUORUM', why: /weave-net on \S+ is not ready: .*awaiting consensus \(quorum: 2, known: 1\)/u, fix: /TCP and UDP 6783/u, notes: [],
  },
]

/**
 * Each takes two minutes, for nothing but time tells what is late from what is broken. So a run looks at one, drawn by the commit from those whose images are
 * here (Weave's and the AWS VPC CNI's are built on request); HOPLAB_TEST_NETWORKS names others, or `all`.
 */
async function drawn(): Promise<Fault[]> {
  const asked = process.env.HOPLAB_TEST_NETWORKS?.split(',').map((name) => name.split(' ')[0])
  if (asked) return faults.filter(({ cni }) => asked.includes('all') || asked.includes(cni))
  using deadline = Deadline.start('draw a fault', 120_000)
  const ready = await Promise.all(faults.map(async ({ cni }) => (await (await installerOf(cni)).probe('local', deadline)).ready))
  const here = faults.filter(({ cni }, index) => ready[index] || cni === 'flannel')
  return here.slice(await commitLot(deadline, 'network fault ') % here.length).slice(0, 1)
}
useOwnEngine()
const looked = await drawn()

describe.skipIf(looked.length === 0)('a network that does not come up', () => {
  test.for(looked)('$cni: $title; up says so with a fix within its bound, keeps evidence and leaves nothing', async ({ cni, moment, code, why, fix, notes }) => {
    const result = await typed(['up', 'first-packet', '--cni', cni, '--lab', lab, '--json'], { env: { HOPLAB_TIMEOUT_FACTOR: factor }, moment })
    expect(result.sawMoment, result.stdout + result.stderr).toBe(true)
    expect([result.exitCode, JSON.parse(result.stdout)], result.stderr.slice(-2_000)).toMatchObject([3, { error: { code, why: expect.stringMatching(why), fix: expect.stringMatching(fix), evidence: expect.any(String) } }])
    expect(result.durationMs).toBeLessThan(boundMs + afterwardsMs)
    expect(result.events.flatMap((event) => (event.type === 'note' ? event.text : []))).toEqual(expect.arrayContaining(notes.map((note) => expect.stringMatching(note))))
    const { error: { evidence } } = JSON.parse(result.stdout) as { error: { evidence: string } }
    expect(await readdir(evidence)).toContain('error.json')
    expect(await leftovers(lab)).toEqual([])
  })
})
