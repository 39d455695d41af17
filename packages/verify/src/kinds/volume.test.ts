import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab } from '../testing/index.ts'

const path = '/notes/today'
let lab: FakeLab
beforeEach(() => {
  lab = helloLab()
  lab.pod({ name: 'pair', node: 'a', ip: '10.244.1.20', containers: ['app', 'side'] })
  put('app', { changed: 1_000 })
  put('side', { changed: 1_000 })
})
const put = (container: string, { device = 9, inode = 77, ...times }: { device?: number; inode?: number; made?: number; changed: number }): unknown => lab.runtime.files.set(`lab-pair-${container} ${path}`, { device, inode, ...times })
const look = async (over: object = {}) => (await lab.verify([{ kind: 'volume', pod: { name: 'pair' }, path, containers: ['app', 'side'], ...over }]))[0]

/** `app` was restarted, and its present process was made at `at`. */
async function restart(at: number): Promise<void> {
  const pod = await lab.kube.get({ apiVersion: 'v1', kind: 'Pod', name: 'pair', namespace: 'lab' }, { throwIfOver: () => {} } as never) as unknown as { status: { containerStatuses: { restartCount: number }[] } }
  const [app] = pod.status.containerStatuses
  if (app) app.restartCount = 1
  lab.kube.put(pod as never)
  lab.runtime.written.set('/run/containerd/io.containerd.runtime.v2.task/k8s.io/lab-pair-app/init.pid', at)
}

describe('volume passes', () => {
  test('for one file in two containers, with all root directories as control', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', points: 1, why: 'app and side of Pod lab/pair see the same file /notes/today in a volume.' })
    expect(result?.evidence.map(({ witness }) => witness)).toEqual(['kernel', 'kernel', 'control'])
    expect(result?.evidence).toContainEqual(expect.objectContaining({ observed: 'side has /notes/today: device and inode 9:77' }))
  })
  test('for one container that has it in a volume', async () => { expect(await look({ containers: ['app'] })).toMatchObject({ verdict: 'pass' }) })
  test('for a file that is older than the restart', async () => {
    await restart(1_002.5)
    const result = await look({ afterRestart: 'app' })
    expect(result).toMatchObject({ verdict: 'pass', why: expect.stringContaining('it is older than the restart of app') })
    expect(result?.evidence).toContainEqual(expect.objectContaining({ observed: '/notes/today was there 2.50 s before app began anew' }))
  })
  test('for a file that was made before the restart and added to since', async () => {
    await restart(1_002.5)
    for (const container of ['app', 'side']) put(container, { made: 999, changed: 1_009 })
    expect(await look({ afterRestart: 'app' })).toMatchObject({ verdict: 'pass' })
  })
})

describe('volume fails', () => {
  test.each([
    ['when one of them has no such file', () => lab.runtime.files.delete(`lab-pair-side ${path}`), /side of Pod lab\/pair has no file/u],
    ['for two files with one name', () => put('side', { inode: 78, changed: 1_000 }), /another file than that of app/u],
    ['for a file on the container\'s own file system, as one of the image is', () => { lab.runtime.changes.set('lab-pair-app', { mnt: 9 }) }, /own file system, in no volume/u],
    ['when the containers have one file system, where every file is shared', () => { lab.runtime.changes.set('lab-pair-app', { mnt: 5 }).set('lab-pair-side', { mnt: 5 }) }, /file system of their own/u],
    ['when one of them does not run', () => lab.pod({ name: 'pair', node: 'a', ip: '10.244.1.20', containers: ['app'] }), /Container side of Pod lab\/pair does not run/u],
    ['when there is no such Pod', () => lab.kube.objects.delete('v1 Pod lab/pair'), /There is no Pod pair/u],
  ])('%s', async (_name, harm, why) => {
    harm()
    expect(await look()).toMatchObject({ verdict: 'fail', points: 0, why: expect.stringMatching(why) })
  })
  test('when nothing was restarted', async () => { expect(await look({ afterRestart: 'app' })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('has not been restarted') }) })
  test('for a file that was made after the restart', async () => {
    await restart(999.5)
    expect(await look({ afterRestart: 'app' })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('has outlived nothing yet') })
  })
})

describe('volume is inconclusive', () => {
  test('when nobody knows when the present process began', async () => {
    await restart(1_002.5)
    lab.runtime.written.clear()
    expect(await look({ afterRestart: 'app' })).toMatchObject({ verdict: 'inconclusive' })
  })
  test.each([[1, ''], [0, ''], [0, 'x\n'], [0, '5:2 0.000000000 1.000000000\n'], [1, '5:2 0.0 1.0\n9:77 0.0 1.0\n'], [127, '']])('when stat ends with %i and prints "%s"', async (exitCode, stdout) => {
    lab.rewrite = (_node, argv, whole) => (argv[3] === 'stat-in-root' ? { exitCode, stdout, stderr: '' } : whole)
    expect(await look()).toMatchObject({ verdict: 'inconclusive', points: 0 })
  })
})
