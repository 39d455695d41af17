import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { builtInKinds } from './registry.ts'

test.each(Object.keys(builtInKinds))('%s runs the contract of check kinds in a file of its own', (kind) => {
  const file = join(import.meta.dirname, `${kind}.contract.test.ts`)
  expect(existsSync(file), `write ${kind}.contract.test.ts; reach.contract.test.ts shows how`).toBe(true)
  expect(readFileSync(file, 'utf8')).toContain(`checkKindContract({\n  kind: '${kind}',`)
})
