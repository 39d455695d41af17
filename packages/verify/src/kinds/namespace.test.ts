import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => {
  lab = helloLab()
  lab.pod({ name: 'pair', node: 'a', ip: '10.244.1.20', containers: ['app', 'side'] })
})
const look = async (over: object = {}) => (await lab.verify([{ kind: 'namespace', pod: { name: 'pair' }, ...over } as never]))[0]

/** The container was restarted once; the sandbox's record is `sandboxAt`, the last word of the first attempt `lastWordAt`. */
async function restart(sandboxAt: number, lastWordAt: number, restartCount = 1): Promise<void> {
  const pod = await lab.kube.get({ apiVersion: 'v1', kind: 'Pod', name: 'pair', namespace: 'lab' }, { throwIfOver: () => {} } as never) as unknown as { status: { containerStatuses: { restartCount: number }[] }; metadata: { uid: string } }
  const [app] = pod.status.containerStatuses
  if (app) app.restartCount = restartCount
  lab.kube.put(pod as never)
  lab.runtime.changes.set('lab-pair-app', { began: 99_999 })
  lab.runtime.written.set('/run/containerd/io.containerd.runtime.v2.task/k8s.io/sandbox-lab-pair/init.pid', sandboxAt)
  lab.runtime.written.set(`/var/log/pods/lab_pair_${pod.metadata.uid}/app/${restartCount - 1}.log`, lastWordAt)
}

describe('namespace passes', () => {
  test('for two containers of one Pod, with the node\'s own namespace as control', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', points: 1, why: 'All containers of Pod lab/pair share one network namespace that is not the node\'s.' })
    expect(result?.evidence.map(({ witness }) => witness)).toEqual(['control', 'kernel', 'kernel', 'kernel', 'container', 'container'])
    expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'container', observed: 'side sees lo 127.0.0.1/8, eth0 10.244.1.20/24 fe80::1/64' }))
  })
  test('for one container where the author asks for no more', async () => { expect(await look({ pod: { name: 'client' }, containers: 1 })).toMatchObject({ verdict: 'pass' }) })
  test('for containers that share their processes on purpose', async () => {
    lab.runtime.changes.set('lab-pair-app', { pidSpace: 7 }).set('lab-pair-side', { pidSpace: 7 })
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('process namespace of their own') })
    expect(await look({ processes: 'shared' })).toMatchObject({ verdict: 'pass' })
  })
  test('after a restart that the sandbox outlived', async () => {
    await restart(1_000.5, 1_002.25)
    const result = await look({ afterRestart: 'app' })
    expect(result).toMatchObject({ verdict: 'pass', why: expect.stringContaining('it has outlived a restart of app') })
    expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'runtime', observed: 'the sandbox was there 1.75 s before the attempt before wrote last' }))
  })
})

describe('namespace fails', () => {
  test.each([
    ['on the host\'s network, where all are equal', () => lab.pod({ name: 'pair', node: 'a', ip: '172.20.0.3', hostNetwork: true, containers: ['app', 'side'] }), /hostNetwork/u],
    ['when one container is in another network namespace', () => lab.runtime.changes.set('lab-pair-side', { net: 4_444 }), /Container side of Pod lab\/pair is in another network namespace/u],
    ['when two containers share their files', () => lab.runtime.changes.set('lab-pair-side', { mnt: 1 }).set('lab-pair-app', { mnt: 1 }), /file system/u],
    ['when a container is among the node\'s processes', () => lab.runtime.changes.set('lab-pair-side', { pidSpace: 0 }), /hostPID/u],
    ['with one container where two are asked', () => lab.pod({ name: 'pair', node: 'a', ip: '10.244.1.20', containers: ['app'] }), /1 of 2 containers run/u],
    ['when there is no such Pod', () => lab.kube.objects.delete('v1 Pod lab/pair'), /There is no Pod pair/u],
    ['when the Pod has no address but loopback\'s', () => lab.runtime.addresses.set('lab/pair', []), /no address but loopback/u],
  ])('%s', async (_name, harm, why) => {
    harm()
    expect(await look()).toMatchObject({ verdict: 'fail', points: 0, why: expect.stringMatching(why) })
  })
  test('when no container of the Pod runs, as between two crashes', async () => {
    const pod = lab.pod({ name: 'pair', node: 'a', ip: '10.244.1.20', containers: ['app', 'side'] })
    const crashed = ['app', 'side'].map((name) => ({ name, restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff' } } }))
    lab.kube.put({ ...pod, status: { ...(pod.status as object), containerStatuses: crashed } })
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('CrashLoopBackOff') })
  })
  test('when nothing was restarted', async () => { expect(await look({ afterRestart: 'app' })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('has not been restarted') }) })
  test('when the whole Pod was made anew', async () => {
    await restart(1_003.5, 1_002.25)
    expect(await look({ afterRestart: 'app' })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('made anew') })
  })
})

describe('namespace is inconclusive', () => {
  test('when the runtime does not have a container that the kubelet says is running', async () => {
    lab.runtime.changes.set('lab-pair-side', undefined)
    expect(await look()).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining('does not have container side') })
  })
  test('when the attempt before the restart left nothing', async () => {
    await restart(1_000.5, 1_002.25)
    lab.runtime.written.clear()
    expect(await look({ afterRestart: 'app' })).toMatchObject({ verdict: 'inconclusive' })
  })
  test.each([['readlink', 127, ''], ['readlink', 0, ''], ['readlink', 0, 'net:[1]\n'], ['cat', 127, ''], ['cat', 0, 'x'], ['nsenter', 127, ''], ['nsenter', 0, ''], ['nsenter', 0, '[{"ifname"']])('when %s ends with %i and prints "%s": two empty outputs are not equal networks', async (program, exitCode, stdout) => {
    lab.rewrite = (_node, argv, whole) => (argv[0] === program ? { exitCode, stdout, stderr: '' } : whole)
    expect(await look()).toMatchObject({ verdict: 'inconclusive', points: 0 })
  })
})
