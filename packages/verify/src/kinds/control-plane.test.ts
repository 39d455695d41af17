import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab, IdleClock } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const look = async (over: object = {}) => (await lab.verify([{ kind: 'control-plane', ...over }], { clock: new IdleClock(), forMs: 600_000 }))[0]
const scheduler = (): ReturnType<FakeLab['controlPlane']['component']> => lab.controlPlane.component('kube-scheduler')
async function later(clock: IdleClock, ms: number, change: object): Promise<void> {
  await clock.sleep(ms)
  Object.assign(scheduler(), change)
}
const leaseOf = (name: string) => lab.kube.objects.get(`coordination.k8s.io/v1 Lease kube-system/${name}`)

describe('control-plane passes', () => {
  test('when both renew their Leases, and their processes are on the node that holds them', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', points: 1, why: 'kube-scheduler and kube-controller-manager run and renew their Leases.' })
    expect(result?.evidence.map(({ witness, observed }) => `${witness}: ${observed}`)).toEqual([
      expect.stringMatching(/^API: kube-scheduler: held by k_1; revision \d+ → \d+, renewed$/u), 'kernel: k: process 700, state S',
      expect.stringMatching(/^API: kube-controller-manager: held by k_1; revision \d+ → \d+, renewed$/u), 'kernel: k: process 701, state S', 'control: k: process 702, state S',
    ])
  })
  test('for the one that is asked for, whatever the other does', async () => {
    Object.assign(scheduler(), { state: undefined, renewedBy: undefined })
    expect(await look({ components: ['kube-controller-manager'] })).toMatchObject({ verdict: 'pass', why: 'kube-controller-manager runs and renews its Lease.' })
  })
  test('known false fail: one that has just been started, and waits for the Lease of the one before', async () => {
    const clock = new IdleClock()
    Object.assign(scheduler(), { renewedBy: undefined })
    const taken = later(clock, 17_000, { renewedBy: 'k_2' })
    expect((await lab.verify([{ kind: 'control-plane' }], { clock, forMs: 600_000 }))[0]).toMatchObject({ verdict: 'pass' })
    await taken
  })
  test('known false fail: one whose process comes some seconds later', async () => {
    const clock = new IdleClock()
    Object.assign(scheduler(), { state: undefined, renewedBy: undefined })
    const started = later(clock, 20_000, { state: 'S', renewedBy: 'k_2' })
    expect((await lab.verify([{ kind: 'control-plane' }], { clock, forMs: 600_000 }))[0]).toMatchObject({ verdict: 'pass' })
    await started
  })
})

describe('control-plane fails', () => {
  test.each([
    ['a program that does not run, whose Lease is still fresh (known false pass of one read)', () => { Object.assign(scheduler(), { state: undefined, renewedBy: undefined }) }, /kube-scheduler does not run: no node of the control plane has its process/u],
    ['a program whose file was moved away', () => { Object.assign(scheduler(), { state: undefined, renewedBy: undefined, asked: false }) }, /has its process, nor a file that asks the kubelet for it/u],
    ['a program that is dead and not yet buried', () => { Object.assign(scheduler(), { state: 'Z', renewedBy: undefined }) }, /kube-scheduler does not run/u],
    ['a program that hangs', () => { Object.assign(scheduler(), { renewedBy: undefined }) }, /runs on k and its Lease was not renewed by anybody; k_1 holds it/u],
    ['a program that is stopped', () => { Object.assign(scheduler(), { state: 'T', renewedBy: undefined }) }, /process of kube-scheduler on k is stopped by a signal/u],
    ['a program that is stopped, whose Lease is kept by hand', () => { Object.assign(scheduler(), { state: 'T' }) }, /is stopped by a signal: it is there and does nothing/u],
    ['a program without a Lease', () => { Object.assign(scheduler(), { renewedBy: undefined }); lab.kube.objects.delete('coordination.k8s.io/v1 Lease kube-system/kube-scheduler') }, /runs on k and has no Lease/u],
    ['a Lease that a Pod keeps', () => { Object.assign(scheduler(), { renewedBy: 'my-scheduler-5d9_7' }) }, /renewed by my-scheduler-5d9_7, and that is no node of the control plane/u],
    ['a Lease that is kept by hand', () => { Object.assign(scheduler(), { state: undefined, renewedBy: 'k_1' }) }, /does not run/u],
  ])('on %s', async (_name, harm, why) => {
    harm()
    expect(await look()).toMatchObject({ verdict: 'fail', points: 0, firstBrokenHop: 'kube-scheduler on k', why: expect.stringMatching(why) })
  })
  test('at once where nobody will start it, and after half a minute where a kubelet is asked to', async () => {
    const took = async (asked: boolean): Promise<number> => {
      Object.assign(scheduler(), { state: undefined, renewedBy: undefined, asked })
      const clock = new IdleClock()
      await lab.verify([{ kind: 'control-plane' }], { clock, forMs: 600_000 })
      return clock.now()
    }
    expect(await took(false)).toBeLessThan(5_000)
    expect(await took(true)).toBeGreaterThan(30_000)
  })
  test('known false pass: on a Lease that others write to and nobody renews', async () => {
    Object.assign(scheduler(), { renewedBy: undefined })
    const get = lab.kube.get.bind(lab.kube)
    lab.kube.get = async (ref, deadline) => {
      const lease = ref.name === 'kube-scheduler' ? leaseOf('kube-scheduler') : undefined
      if (lease) lab.kube.put({ ...lease, metadata: { ...lease.metadata, labels: { touched: 'yes' } } })
      return get(ref, deadline)
    }
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('not renewed by anybody') })
  })
})

describe('control-plane is inconclusive', () => {
  test('when the process of the API server, which answers, is not seen either', async () => {
    Object.assign(lab.controlPlane.component('kube-apiserver'), { state: undefined })
    expect(await look()).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining('in the wrong place') })
  })
})
