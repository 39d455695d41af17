import { join } from 'node:path'
import { readLab } from '@hoplab/catalog/fs'
import { expect, test } from 'vitest'
import { aRow } from './a-row.ts'
import { matrixText } from './matrix.ts'

const root = join(import.meta.dirname, '../..')
const catalogue = await readLab(join(root, 'labs'), join(root, 'proof/catalogue'))

test('a lab has a table for its first CNI, and for each other that one of its faults was proven on, without the faults that this one cannot have', () => {
  const { file, faults } = catalogue
  const lab = { ...catalogue, file: { ...file, cnis: ['flannel' as const, 'calico' as const, 'weave' as const] }, faults: faults.map((fault) => (fault.n === 21 ? { ...fault, cnis: ['flannel' as const] } : fault)) }
  const rows = [aRow({ cni: 'flannel' }), aRow({ cni: 'calico', case: 'fault:1' }), aRow({ cni: 'weave', case: 'healthy' })]
  const [, ...tables] = matrixText([{ lab, rows }]).split(/^## /mu)
  expect(tables.map((table) => [table.split('\n')[0], table.includes('| 21-fdb-entry-removed |')])).toEqual([[`${file.title.en}, on flannel`, true], [`${file.title.en}, on calico`, false]])
})
