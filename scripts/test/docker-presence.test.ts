import { expect, test } from 'vitest'
import { reasonOf } from './docker-presence.ts'

test('docker tests run as root with every image; else the command that mends it is told', () => {
  expect(reasonOf({ root: true, missing: [] })).toBeUndefined()
  expect(reasonOf({ root: false, missing: [] })).toBe('they need root on Linux, run "sudo npm test"')
  expect(reasonOf({ root: true, missing: ['a:1', 'b:2'] })).toMatch(/^no a:1, b:2, run "(?:sudo )?\.\/hoplab images build"$/u)
})
