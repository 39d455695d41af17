import { setImmediate } from 'node:timers/promises'
import { openLab } from '@hoplab/engine'
import { FakeProvider, fakeInstaller, fakeVerifier, judgeTiny, MemoryStore, tinyLab } from '@hoplab/engine/testing'
import { beforeEach, expect, test } from 'vitest'
import type { OpenOptions } from './open.ts'
import type { Cell } from './plan.ts'
import type { Row } from './row.ts'
import { proveCells, type RunOptions } from './run.ts'

let provider: FakeProvider
let kept: Row[]
/** How many clusters there were whenever a row was kept. */
let beside: number[]
beforeEach(() => { provider = new FakeProvider(); kept = []; beside = [] })

const open = async ({ name }: OpenOptions) => openLab({ lab: tinyLab, name, provider, installer: fakeInstaller, verifier: fakeVerifier(judgeTiny), images: {}, store: new MemoryStore(), imageSource: 'local', temporary: true, emit: () => {} })

/** Two cases in each of three groups. */
const cells = (['flannel', 'calico', 'weave'] as const).flatMap((cni) => ['untouched', 'solution:1'].map((name): Cell => ({
  lab: 'tiny', provider: 'kind', cni, proxyMode: 'iptables', case: name, repeat: 1, key: `${cni} ${name}`, inputs: { lab: 'l', sources: 's', images: 'i' }, about: tinyLab as never,
})))

function prove(instances: readonly string[], over: Partial<RunOptions> = {}, these: readonly Cell[] = cells) {
  return proveCells(these, {
    instances, budgetMs: 280_000, signal: new AbortController().signal, known: [], say: () => {}, open,
    // Everything in memory goes on at once: others get on while a row is written.
    keep: async (row) => { await setImmediate(); kept.push(row); beside.push(provider.clusters.size) }, ...over,
  })
}
const keys = () => kept.map(({ key }) => key).toSorted()
const all = cells.map(({ key }) => key).toSorted()

test.each([[['a'], 1], [['a', 'b'], 2], [['a', 'b', 'c', 'd'], 3]])('instances %j prove every case once, %i clusters beside each other at most, and leave none', async (instances, most) => {
  expect(await prove(instances)).toMatchObject({ broken: [], left: 0, rows: { length: all.length } })
  expect(keys()).toEqual(all)
  expect(kept.every(({ asDeclared }) => asDeclared)).toBe(true)
  expect(Math.max(...beside)).toBe(most)
  expect([...provider.clusters.keys()]).toEqual([])
})

test('another seed is another group, opened with it', async () => {
  const opened: (string | undefined)[] = []
  const seeded = cells.slice(0, 2).flatMap((cell) => [cell, { ...cell, seed: '7', key: `seed 7 ${cell.key}` }])
  await prove(['a'], { open: async (options) => { opened.push(options.seed); return open(options) } }, seeded)
  expect(opened).toEqual([undefined, '7'])
  expect(kept.map(({ seed, key }) => [seed, key])).toEqual([[undefined, 'flannel untouched'], [undefined, 'flannel solution:1'], ['7', 'seed 7 flannel untouched'], ['7', 'seed 7 flannel solution:1']])
})

test('a group is opened once, by whichever instance is free', async () => {
  const opened: string[] = []
  await prove(['a', 'b'], { open: async (options) => { opened.push(`${options.cni} in ${options.name}`); return open(options) } })
  expect(opened).toEqual(['flannel in a', 'calico in b', expect.stringMatching(/^weave in [ab]$/u)])
})

test('what ends one instance is thrown when the others are through with their groups, and no cluster is left', async () => {
  let opened = 0
  const proving = prove(['a', 'b'], { open: async (options) => { if (++opened === 2) throw new Error('no lab'); return open(options) } })
  await expect(proving).rejects.toThrow('no lab')
  expect(keys()).toEqual(all.filter((key) => !key.startsWith('calico')))
  expect([...provider.clusters.keys()]).toEqual([])
})

test('an interruption keeps the rows that were finished and leaves no cluster', async () => {
  const user = new AbortController()
  await expect(prove(['a', 'b'], { signal: user.signal, keep: async (row) => { kept.push(row); user.abort(new Error('enough')) } })).rejects.toThrow('enough')
  expect(kept.length).toBeGreaterThan(0)
  expect(kept.length).toBeLessThan(all.length)
  expect([...provider.clusters.keys()]).toEqual([])
})
