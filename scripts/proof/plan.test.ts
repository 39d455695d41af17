import { join } from 'node:path'
import { readLab } from '@hoplab/catalog/fs'
import { checkSpec } from '@hoplab/model'
import { expect, test } from 'vitest'
import { labFolders, planned } from './plan.ts'
import { label } from './row.ts'

const cells = await planned()
const of = (lab: string, proxyMode: string, cni = 'flannel', seed?: string): string[] =>
  cells.filter((cell) => cell.lab === lab && cell.cni === cni && cell.proxyMode === proxyMode && cell.seed === seed).map(({ case: name }) => name)

test('the catalogue and every lab are planned in each proxy mode that they name, with the same cases, healthy ones twenty times', async () => {
  expect(new Set(cells.map(({ lab }) => lab))).toContain('first-packet')
  for (const folder of await labFolders()) {
    const { file } = await readLab(join(import.meta.dirname, '../../labs'), folder)
    expect([...new Set(cells.filter(({ lab }) => lab === file.id).map(({ proxyMode }) => proxyMode))]).toEqual(file.proxyModes)
    for (const mode of file.proxyModes) {
      expect(of(file.id, mode)).toEqual(of(file.id, 'iptables'))
      expect(of(file.id, mode).filter((name) => name === 'healthy').length).toBe(20)
      expect(of(file.id, mode)).toEqual(expect.arrayContaining(['untouched', 'solution:1', 'solution:2', 'near-miss:1']))
      expect(of(file.id, mode).filter((name) => name.startsWith('fault:')).length).toBeGreaterThanOrEqual(3)
    }
  }
})

test('a lab is planned on every CNI that it names and this version installs, with the same cases but for faults that this CNI cannot have', async () => {
  for (const folder of await labFolders()) {
    const { file, faults } = await readLab(join(import.meta.dirname, '../../labs'), folder)
    expect([...new Set(cells.filter(({ lab }) => lab === file.id).map(({ cni }) => cni))]).toEqual(file.cnis)
    for (const cni of file.cnis) {
      const foreign = faults.filter(({ cnis = file.cnis }) => !cnis.includes(cni)).map(({ name }) => `fault:${name.split('-')[0]}`)
      expect(of(file.id, 'iptables', cni)).toEqual(of(file.id, 'iptables', file.cnis[0]).filter((name) => !foreign.includes(name)))
    }
  }
})

test('a lab that draws from its seed is planned with three seeds or more, each on the same networks in the same modes with every case; other labs with none', async () => {
  const files = await Promise.all((await labFolders()).map(async (folder) => (await readLab(join(import.meta.dirname, '../../labs'), folder)).file))
  const seeds = new Map(files.map(({ id }) => [id, [...new Set(cells.filter(({ lab }) => lab === id).map(({ seed }) => seed))]]))
  expect(files.filter(({ id }) => (seeds.get(id)?.length ?? 0) >= 3).map(({ id }) => id)).toEqual(['network-model', 'recap'])
  expect(files.filter(({ id, seed }) => seed === undefined && seeds.get(id)?.length === 1).length).toBe(files.length - 2)
  for (const { id, cnis, proxyModes } of files) {
    for (const seed of seeds.get(id) ?? []) for (const cni of cnis) for (const mode of proxyModes) expect(new Set(of(id, mode, cni, seed))).toEqual(new Set(of(id, mode, cni)))
  }
})

test('what needs no reset comes before what needs one', () => {
  const order = of('catalogue', 'iptables')
  expect(order.slice(0, 3)).toEqual(['untouched', 'solution:1', 'healthy'])
  expect(order.indexOf('solution:2')).toBeGreaterThan(order.findLastIndex((name) => name.startsWith('fault:')))
})

test('every planned proof has a key of its own; repeats other than of healthy ones are asked for', async () => {
  expect(new Set(cells.map(({ key }) => key)).size).toBe(cells.length)
  const thrice = await planned({ repeat: 3 })
  expect(thrice.filter((cell) => cell.case === 'untouched' && cell.lab === 'catalogue' && cell.cni === 'flannel' && cell.proxyMode === 'iptables').map(label)).toEqual([1, 2, 3].map((n) => `catalogue kind flannel iptables untouched #${n}`))
})

test('every kind of check there is has one in the catalogue, or in a lab with the add-on that it needs', async () => {
  const [catalogue, ...labs] = await Promise.all((await labFolders()).map((folder) => readLab(join(import.meta.dirname, '../../labs'), folder)))
  const kinds = checkSpec.options.flatMap(({ shape }) => [...shape.kind.values])
  expect(kinds.length).toBeGreaterThan(20)
  const looked = new Set([catalogue, ...labs.filter(({ file }) => file.addons.length > 0)].flatMap((lab) => lab?.file.steps.flatMap(({ checks }) => checks.map(({ kind }) => kind)) ?? []))
  expect(kinds.filter((kind) => !looked.has(kind))).toEqual([])
})
