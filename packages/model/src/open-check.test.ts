import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { checkFields } from './checks/fields.ts'
import { checkSpecWith } from './open-check.ts'

const title = { en: 'x', 'hi-Latn': 'x' }
const kind = { spec: z.strictObject({ kind: z.literal('acme-port'), ...checkFields, port: z.int().default(80) }) }

describe('checkSpecWith', () => {
  test('reads its own kinds and those given, with their defaults and types', () => {
    const parsed = checkSpecWith([kind]).parse({ kind: 'acme-port', id: 'a', title })
    expect(parsed).toMatchObject({ kind: 'acme-port', port: 80, within: 15 })
    const port: number | undefined = parsed.kind === 'acme-port' ? parsed.port : undefined
    expect(port).toBe(80)
    expect(checkSpecWith([kind]).parse({ kind: 'answer', id: 'a', title, key: 'k', truth: { equals: 'x' } })).toMatchObject({ kind: 'answer' })
  })
  test('refuses fields and kinds that nobody knows', () => {
    expect(checkSpecWith([kind]).safeParse({ kind: 'acme-port', id: 'a', title, prot: 80 }).success).toBe(false)
    expect(checkSpecWith([]).safeParse({ kind: 'acme-port', id: 'a', title }).success).toBe(false)
  })
  test('refuses a name that means two kinds', () => {
    const named = (name: string) => ({ spec: kind.spec.extend({ kind: z.literal(name) }) })
    for (const kinds of [[named('reach')], [kind, kind]]) expect(() => checkSpecWith(kinds)).toThrow(expect.objectContaining({ code: 'HOP_CHECK_KIND_TAKEN' }))
  })
})
