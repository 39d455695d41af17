import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, contentHash } from './canonical-json.ts'

/** The same value with the keys of every object in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).reverse().map(([key, inner]) => [key, reordered(inner)]))
}

describe('canonicalJson', () => {
  test('sorts keys at every depth and leaves lists as they are', () => {
    expect(canonicalJson({ b: [{ z: 1, a: 2 }, 1], a: null })).toBe('{"a":null,"b":[{"a":2,"z":1},1]}')
  })
  test('undefined is as if it were not there', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe(canonicalJson({ b: 1 }))
    expect(canonicalJson(undefined)).toBe('null')
  })
  test('order of keys never matters', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => { expect(canonicalJson(reordered(value))).toBe(canonicalJson(value)) }))
  })
  test('reads back as the same value, so different values give different texts', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => { expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value))) }))
  })
})

test('contentHash is the SHA-256 of that text', async () => {
  expect(await contentHash({ b: 1, a: 'é' })).toBe(createHash('sha256').update('{"a":"é","b":1}').digest('hex'))
})
