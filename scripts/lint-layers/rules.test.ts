import { describe, expect, test } from 'vitest'
import { LayerTableMistake, readLayerTable } from './layer-table.ts'
import { findingsOf } from './rules.ts'

const table = `
| Package | Question it answers | May import | Neutral | Node parts |
| --- | --- | --- | --- | --- |
| core | ? | | yes | node |
| cluster | ? | core | no | |
| engine | ? | core, cluster (types) | yes | |
`
const layers = readLayerTable(table)
const found = (file: string, source: string): string[] => findingsOf(file, source, layers).map((one) => `${one.line}:${one.column} ${one.text}`)

describe('layers', () => {
  test('an allowed import is silent', () => {
    expect(found('packages/cluster/src/a.ts', `import { poll } from '@hoplab/core'\nimport { readFile } from 'node:fs/promises'`)).toEqual([])
  })
  test('an import against the table is found where it stands', () => {
    expect(found('packages/core/src/a.ts', `const a = 1\n  import { b } from '@hoplab/cluster'`)).toEqual([
      expect.stringMatching(/^2:3 "core" must not import "cluster": take what you need as a parameter/u),
    ])
  })
  test('a re-export and a dynamic import count', () => {
    expect(found('packages/core/src/a.ts', `export * from '@hoplab/cluster'`)).toHaveLength(1)
    expect(found('packages/core/src/a.ts', `const x = await import('@hoplab/cluster')`)).toHaveLength(1)
  })
  test('types of a port are allowed, its values are not', () => {
    expect(found('packages/engine/src/a.ts', `import type { Cluster } from '@hoplab/cluster'`)).toEqual([])
    expect(found('packages/engine/src/a.ts', `import { Cluster } from '@hoplab/cluster'`)).toEqual([expect.stringContaining('write "import type"')])
  })
  test('"import { type X }" stays a real import when types are stripped', () => {
    expect(found('packages/engine/src/a.ts', `import { type Cluster } from '@hoplab/cluster'`)).toHaveLength(1)
  })
  test('a path into another package is found', () => {
    expect(found('packages/cluster/src/a.ts', `import { x } from '../../core/src/x.ts'`)).toEqual([expect.stringContaining('import "@hoplab/core"')])
  })
  test('a package without a row is found', () => {
    expect(found('packages/shiny/src/a.ts', '')).toEqual([expect.stringContaining('no row in the layer table')])
  })
})

describe('neutral packages', () => {
  test.each(['node:fs', 'fs', 'node:path', '@hoplab/core/node'])('do not import %s', (specifier) => {
    expect(found('packages/engine/src/a.ts', `import x from '${specifier}'`)).toEqual([expect.stringContaining('runs in a browser too')])
  })
  test('nor their own Node part', () => {
    expect(found('packages/core/src/poll.ts', `import { exec } from './node/exec.ts'`)).toEqual([expect.stringContaining('implement it in src/node')])
  })
  test('may import Node in their Node part and in tests', () => {
    expect(found('packages/core/src/node/exec.ts', `import { join } from 'node:path'`)).toEqual([])
    expect(found('packages/engine/src/a.test.ts', `import { join } from 'node:path'`)).toEqual([])
    expect(found('packages/engine/test/a.docker.test.ts', `import { join } from 'node:path'\nimport { c } from '@hoplab/cluster'`)).toEqual([])
  })
  test('fakes are not exempt', () => {
    expect(found('packages/engine/src/testing/index.ts', `import { join } from 'node:path'`)).toHaveLength(1)
  })
})

describe('processes', () => {
  test('execa is for core/node', () => {
    expect(found('packages/cluster/src/a.ts', `import { execa } from 'execa'`)).toEqual([expect.stringContaining('use exec or run')])
    expect(found('packages/core/src/node/exec.ts', `import { execa } from 'execa'`)).toEqual([])
  })
  test('a test may start what it has to kill', () => {
    expect(found('packages/cluster/test/a.docker.test.ts', `import { spawn } from 'node:child_process'`)).toEqual([])
  })
  test.each(['node:child_process', 'child_process', 'zx'])('no package imports %s', (specifier) => {
    expect(found('packages/cluster/src/a.ts', `import * as x from '${specifier}'`)).toEqual([expect.stringContaining('use exec or run')])
  })
})

describe('the table', () => {
  test('must be there', () => {
    expect(() => readLayerTable('# no table')).toThrow(LayerTableMistake)
  })
  test('names its bad line', () => {
    expect(() => readLayerTable(table.replace('| cluster | ? | core | no | |', '| cluster | ? | core | perhaps | |'))).toThrow('ARCHITECTURE.md:5')
  })
  test('must not name a package without a row', () => {
    expect(() => readLayerTable(table.replace('| core | no', '| kore | no'))).toThrow('"cluster" may import "kore"')
  })
})
