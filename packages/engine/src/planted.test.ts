import { Deadline, HopError } from '@hoplab/core'
import { expect, test } from 'vitest'
import { openLab } from './lab-run.ts'
import type { LabMaterial } from './material.ts'
import { setUpHash } from './planted.ts'
import { fullSpec, type OpenLabSpec } from './spec.ts'
import { FakeProvider, fakeInstaller, fakeVerifier, judgeTiny, MemoryStore, tinyLab } from './testing/index.ts'
import { viewOf } from './view.ts'

const deadline = (): Deadline => Deadline.start('test', 280_000)
const planted: LabMaterial['planted'] = [{ fault: 'session-affinity-on', with: { service: 'web' } }, { fault: 'masquerade-too-wide', with: { node: 'worker-1' } }]
const seededLab: LabMaterial = { ...tinyLab, planted, file: { ...tinyLab.file, seed: { values: {}, ranges: {}, faults: {} } } }

function opened(changes: Partial<OpenLabSpec> = {}) {
  const provider = new FakeProvider()
  const store = new MemoryStore()
  const spec: OpenLabSpec = { lab: seededLab, provider, installer: fakeInstaller, verifier: fakeVerifier(judgeTiny), images: { 'hoplab/echo': 'hoplab/echo:v1-local' }, store, imageSource: 'local', seed: '7', ...changes }
  const cluster = () => provider.clusters.get('tiny') ?? (() => { throw new Error('no cluster') })()
  return { provider, store, spec, cluster, run: openLab(spec) }
}

const errorOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => (error instanceof HopError ? error.facts : error))
const web = { apiVersion: 'v1', kind: 'Service', name: 'web', namespace: 'tiny' }

test('what the seed drew is in before the baseline is taken, and is recorded', async () => {
  const { run, store, cluster } = opened()
  await run.up(deadline())
  expect((await cluster().kube.get(web, deadline()))?.spec).toMatchObject({ sessionAffinity: 'ClientIP' })
  expect(store.baseline?.objects.find(({ metadata, kind }) => kind === 'Service' && metadata.name === 'web')?.spec).toMatchObject({ sessionAffinity: 'ClientIP' })
  expect(store.saved).toMatchObject({ handedOver: true, seed: '7', planted: [[{ act: 'patch' }], [{ act: 'node', node: 'n-worker' }]] })
})

test('a reset breaks nodes again as they were handed over, before they are compared; objects come back with the baseline', async () => {
  const { run, cluster } = opened()
  await run.up(deadline())
  const before = cluster().commands.length
  let atCompare = 0
  const resetTo = cluster().resetTo.bind(cluster())
  cluster().resetTo = async (...args) => { atCompare = cluster().commands.length; return resetTo(...args) }
  await run.reset(deadline())
  expect(cluster().commands.slice(before)).toEqual([expect.stringContaining('-I POSTROUTING')])
  expect(atCompare).toBe(before + 1)
})

test('an agent that the reset itself starts anew may mend what is planted on its node: then it is broken once more, and no more often', async () => {
  const { run, cluster } = opened()
  await run.up(deadline())
  const before = cluster().commands.length
  const route = { where: 'n-worker', what: 'routes', baseline: '', now: '10.244.1.0/24' }
  cluster().resetTo = async () => (cluster().commands.length === before + 1 ? [route] : [])
  await run.reset(deadline())
  expect(cluster().commands.slice(before)).toHaveLength(2)
  cluster().resetTo = async () => [route]
  expect(await errorOf(run.reset(deadline()))).toMatchObject({ code: 'HOP_RECREATE_NEEDED' })
  expect(cluster().commands.slice(before)).toHaveLength(4)
})

test('a set-up that was cut off makes the recorded changes again: planned anew, there would be nothing left to break', async () => {
  const { run, spec, store, provider } = opened({ lab: { ...seededLab, planted: [{ fault: 'ip-forward-off', with: { node: 'worker-1' } }] } })
  const ensure = provider.ensure.bind(provider)
  const file = '/proc/sys/net/ipv4/ip_forward'
  let forwards = '1'
  provider.ensure = async (asked, options) => {
    const made = await ensure(asked, options)
    made.onNode = (_node, _argv, input) => {
      if (input.includes(`echo 0 > ${file}`)) forwards = '0'
      return { exitCode: 0, stdout: `${file} ${forwards}\n`, stderr: '' }
    }
    return made
  }
  const writeBaseline = store.writeBaseline.bind(store)
  store.writeBaseline = () => Promise.reject(new HopError({ code: 'HOP_CUT', exitCode: 3, what: 'cut', why: '', fix: '', state: '' }))
  expect(await errorOf(run.up(deadline()))).toMatchObject({ code: 'HOP_CUT' })
  expect(store.saved).toMatchObject({ handedOver: false, planted: [[{ act: 'node' }]] })
  store.writeBaseline = writeBaseline
  const recorded = structuredClone(store.saved?.planted)
  await openLab(spec).up(deadline())
  expect(store.saved).toMatchObject({ handedOver: true, planted: recorded })
  expect(forwards).toBe('0')
})

test('a lab that is up with another seed is refused, unless nothing of it differs by seed', async () => {
  const { run, spec, cluster } = opened()
  await run.up(deadline())
  const writes = cluster().kube.writes.length
  expect(await errorOf(openLab({ ...spec, seed: '8' }).up(deadline()))).toMatchObject({ code: 'HOP_LAB_SEED_DIFFERS', what: '"tiny" is up with the seed "7", not "8".' })
  expect(cluster().kube.writes.length).toBe(writes)
  expect((await openLab(spec).up(deadline())).reused).toBe(true)
  const same = opened({ lab: tinyLab })
  await same.run.up(deadline())
  expect((await openLab({ ...same.spec, seed: '8' }).up(deadline())).reused).toBe(true)
})

test('the cluster has the ranges that the seed drew, and those of every cluster where it drew none', async () => {
  const ranges = { pods: '10.42.0.0/16', services: '10.43.0.0/16' }
  const drawn = opened({ lab: { ...seededLab, ranges } })
  await drawn.run.up(deadline())
  expect(drawn.cluster().spec).toMatchObject({ podSubnet: ranges.pods, serviceSubnet: ranges.services })
  expect(viewOf(drawn.cluster(), fullSpec(drawn.spec)).networkFacts).toMatchObject({ podSubnet: ranges.pods, serviceSubnet: ranges.services })
  const plain = opened()
  await plain.run.up(deadline())
  expect(plain.cluster().spec).toMatchObject({ podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16' })
})

test('what is planted is part of what a lab is set up as, and a lab without a seed is set up as ever', async () => {
  expect(await setUpHash({ ...seededLab, planted: [] })).toBe(await setUpHash(tinyLab))
  expect(await setUpHash(seededLab)).not.toBe(await setUpHash(tinyLab))
})
