import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, hello, helloLab } from './testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const viaIp = { ...hello, via: 'cluster-ip' } as const
const reach = { kind: 'reach', from: client, to: hello } as const

describe('ready Pods that change while it is looked', () => {
  const distribution = { kind: 'distribution', from: client, to: viaIp, backends: { labels: { app: 'hello' } }, backendCount: 2, requests: 60, within: 20 } as const
  /** The Service has no endpoints for the first request to `dialled`. */
  const flapAt = (dialled: string) => {
    const connect = lab.network.connect.bind(lab.network)
    const flapped = { times: 0 }
    lab.network.connect = (...args) => {
      if (!args[2].startsWith(dialled) || flapped.times > 0) return connect(...args)
      flapped.times += 1
      lab.service('hello', '10.96.1.1', { app: 'nobody' })
      const answer = connect(...args)
      lab.service('hello', '10.96.1.1', { app: 'hello' })
      return answer
    }
    return flapped
  }

  test('make its red none: the next ones decide, for longer than otherwise, and it is told', async () => {
    const flapped = flapAt('10.96.1.1:')
    const [result] = await lab.verify([distribution])
    expect(flapped.times).toBe(1)
    expect(result).toMatchObject({ verdict: 'pass', flapped: true })
    expect(result?.looks?.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1])).toEqual(['red', 'green'])
    expect(result?.attempts).toBeGreaterThanOrEqual(7)
  })
  test('make it none at the end of the time allowed too, unless it is seen twice', async () => {
    flapAt('10.96.1.1:')
    expect((await lab.verify([{ ...distribution, within: 0.5 }]))[0]).toMatchObject({ verdict: 'pass', flapped: true })
  })
  const unready = (ready: boolean) => { lab.pod({ name: 'hello-b', node: 'b', ip: '10.244.2.11', labels: { app: 'hello' }, ready }); lab.network.syncSlices() }
  /** The kubelet of node b starts anew as soon as the first look is over, and has probed its Pod again after `ms`. */
  const unreadyFor = (ms: number) => {
    const list = lab.kube.list.bind(lab.kube)
    let lists = 0
    lab.kube.list = (...args) => {
      if (args[0].kind === 'Pod' && lab.execs.some((exec) => exec === 'a hoplab-probe') && lists++ === 0) {
        unready(false)
        if (ms < Infinity) lab.after(ms, () => unready(true))
      }
      return list(...args)
    }
  }
  test.each([['distribution', distribution], ['reach', { ...reach, to: { service: 'hello', port: 80, via: 'cluster-ip' }, hold: 3, within: 20 }]] as const)('make the red of %s none, also where no look saw the change itself', async (_kind, check) => {
    if (check.kind === 'reach') lab.kube.objects.delete('v1 Pod lab/hello-a')
    lab.network.syncSlices()
    unreadyFor(4_000)
    const [result] = await lab.verify([check])
    expect(result?.looks?.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1])).toEqual(['green', 'red', 'green'])
    expect(result).toMatchObject({ verdict: 'pass', flapped: true })
  })
  test('that stay unready are a red soon, long before the time allowed is over', async () => {
    unreadyFor(Infinity)
    const [result] = await lab.verify([{ ...distribution, within: 60 }])
    expect(result).toMatchObject({ verdict: 'fail', why: expect.stringContaining('It was as asked and then no longer: 2 Ready backends') })
    expect(result?.durationMs).toBeLessThan(25_000)
  })
  test('do not excuse what stays red after them', async () => {
    flapAt('10.96.1.1:')
    lab.network.weather.between = (from) => (from === 'client' ? 'REFUSED' : undefined)
    expect((await lab.verify([distribution]))[0]).toMatchObject({ verdict: 'fail', attempts: 2 })
  })
  test('do not excuse an answer from where nothing may answer', async () => {
    const flapped = flapAt('10.244.1.11:')
    const [result] = await lab.verify([{ kind: 'blocked', from: client, to: { pod: { labels: { app: 'hello' } }, port: 8080 }, control: { from: { pod: { name: 'hello-b' } }, to: { pod: { labels: { app: 'hello' } }, port: 8080 } } }])
    expect(flapped.times).toBe(1)
    expect(result).toMatchObject({ verdict: 'fail', attempts: 1, why: expect.stringContaining('should be blocked') })
  })
})

describe('a kube-proxy that is late', () => {
  const late = async (checks: Parameters<FakeLab['verify']>[0]) => {
    lab.lateProxies.add('a')
    lab.after(14_000, () => lab.lateProxies.delete('a'))
    return lab.verify(checks.map((check) => ({ ...check, within: 25 })))
  }
  test('is waited for without looks that could decide nothing', async () => {
    const [result] = await late([reach])
    expect(result).toMatchObject({ verdict: 'pass', attempts: 2 })
  })
  test('on one node holds up no check of another', async () => {
    lab.pod({ name: 'other', node: 'b', ip: '10.244.2.70', labels: { app: 'other' } })
    const [onA, onB] = await late([reach, { ...reach, from: { pod: { name: 'other' } } }])
    expect([onA?.verdict, onB?.verdict]).toEqual(['pass', 'pass'])
    expect(onB?.durationMs).toBeLessThan(9_000)
    expect(onA?.durationMs).toBeGreaterThan(13_000)
  })
})

describe('silence', () => {
  /** Looks in which requests of Pods to Pods stay without an answer, counted from 1. */
  const silentIn = (...looks: number[]) => {
    const look = () => lab.execs.filter((exec) => exec === 'a hoplab-probe').length
    lab.network.weather.between = (from) => (from === 'client' && looks.includes(look()) ? 'TIMEOUT' : undefined)
  }

  test('in one look is no red: the next ones decide, and it is told', async () => {
    silentIn(1)
    const [result] = await lab.verify([reach])
    expect(result).toMatchObject({ verdict: 'pass', flapped: true })
    expect(result?.looks?.map(({ state }) => state)).toEqual(['red', 'green'])
    // Two seconds of answers, a look every 300 ms.
    expect(result?.attempts).toBeGreaterThanOrEqual(7)
  })
  test('in two looks in a row is a red', async () => {
    silentIn(1, 2)
    expect((await lab.verify([reach]))[0]).toMatchObject({ verdict: 'fail', attempts: 2, why: expect.stringContaining('got no answer in time') })
  })
  test('in one look and in a trace of the same path is a red, and where', async () => {
    for (const path of ['a>b', 'b>a']) lab.network.weather.brokenPaths.add(path)
    lab.wire.works = true
    // A second look that takes longer than the trace.
    lab.takes = (_node, argv) => (argv.at(-1) === 'hoplab-probe' && lab.execs.includes('a hoplab-probe') ? 1_000 : 0)
    const [result] = await lab.verify([reach])
    expect(result).toMatchObject({ verdict: 'fail', attempts: 1, flapped: false, firstBrokenHop: expect.stringMatching(/^(?:VXLAN|link) a → b$/u) })
  })
  test('has its packets looked at beside the look that decides', async () => {
    silentIn(1, 2)
    await lab.verify([reach])
    const captures = lab.execs.indexOf('a bash')
    expect(captures).toBeGreaterThan(lab.execs.indexOf('a hoplab-probe'))
    expect(captures).toBeLessThan(lab.execs.lastIndexOf('a hoplab-probe'))
  })
  test('that comes back while it is being listened for is a red, however many answers came between', async () => {
    silentIn(1, 4, 5)
    expect((await lab.verify([reach]))[0]).toMatchObject({ verdict: 'fail', flapped: true })
  })
  test('in every other look is a red soon: nobody waits for two in a row for ever', async () => {
    silentIn(1, 3, 5, 7, 9, 11, 13, 15)
    const [result] = await lab.verify([reach])
    expect(result).toMatchObject({ verdict: 'fail', flapped: true, attempts: 5 })
  })
  test('does not excuse an answer from where nothing may answer', async () => {
    silentIn(1)
    const [result] = await lab.verify([{ kind: 'blocked', from: client, to: { pod: { labels: { app: 'hello' } }, port: 8080 }, control: { from: { pod: { name: 'hello-b' } }, to: viaIp } }])
    expect(result).toMatchObject({ verdict: 'fail', why: expect.stringContaining('should be blocked') })
  })
  test('is no excuse for a refusal: one look is enough', async () => {
    lab.service('hello', '10.96.1.1', { app: 'helo' })
    expect((await lab.verify([reach]))[0]).toMatchObject({ verdict: 'fail', attempts: 1 })
  })
})

test.each([[1, 'pass'], [Infinity, 'inconclusive']])('one look that brought nothing and took all the time allowed decides nothing: %d of them, %s', async (times, verdict) => {
  let broken = 0
  lab.rewrite = (_node, argv, printed) => (argv.at(-1) === 'hoplab-probe' && broken < times && (broken += 1) > 0 ? { ...printed, stdout: printed.stdout.replaceAll('"class":"OK"', '"class":"ERROR"') } : printed)
  const [result] = await lab.verify([{ ...reach, within: 0.000_1 }])
  expect(broken).toBeGreaterThanOrEqual(Math.min(times, 2))
  expect(result).toMatchObject({ verdict })
})
