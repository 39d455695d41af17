import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mutations } from '@hoplab/engine'
import { expect, test } from 'vitest'
import { faultFilesOf, faultSources, mutations as folder } from './fault-sources.ts'

test('of what faults do, a case depends on that of its own, with all that is imported for it', async () => {
  expect(await faultFilesOf('do:\n  - fault: service-rule-deleted')).toEqual(['netfilter.ts', 'pods.ts', 'service-objects.ts', 'service-rules.ts'])
  expect(await faultFilesOf('do:\n  - fault: route-removed\n  - fault: namespace-deleted')).toEqual(['namespaces.ts', 'overlay.ts'])
  expect(await faultFilesOf('do:\n  - apply: 10-web.yaml')).toEqual([])
})

test('of every fault it is known where it says what it does', async () => {
  expect(Object.keys(mutations).length).toBeGreaterThan(25)
  for (const name of Object.keys(mutations)) expect(await faultFilesOf(`- fault: ${name}`), name).not.toEqual([])
})

test('beside the registry nothing that counts for every case imports what counts for some alone', async () => {
  const some = await faultSources()
  const others = (await readdir(folder)).filter((name) => !name.endsWith('.test.ts') && !some.has(name) && name !== 'registry.ts')
  expect(others).toEqual(expect.arrayContaining(['act.ts', 'leftovers.ts', 'mutation.ts']))
  for (const name of others) {
    const text = await readFile(join(folder, name), 'utf8')
    expect([...some.keys()].filter((one) => text.includes(`'./${one}'`)), name).toEqual([])
  }
})
