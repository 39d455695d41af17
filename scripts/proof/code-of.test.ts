import { expect, test } from 'vitest'
import { codeOf } from './code-of.ts'

const code = 'export const a = 1\nexport const b = `// ${a}`\n'

test.each([
  ['a docstring', '/** Says what a is. */\nexport const a = 1\nexport const b = `// ${a}`\n'],
  ['a reason at the end of a line', 'export const a = 1 // measured here: ü, 漢, 😀\nexport const b = `// ${a}`\n'],
  ['a reason within a line', 'export const a = 1\nexport const b /* text */ = `// ${a}`\n'],
  ['a line of its own between others', 'export const a = 1\n\n// why\n// and why\nexport const b = `// ${a}`\n'],
])('%s is no code', (_, text) => expect(codeOf('a.ts', text)).toBe(code))

test.each([
  ['what looks like a comment in a string', 'export const a = 1\nexport const b = `// ${a} `\n'],
  ['a value', 'export const a = 2 // 1\nexport const b = `// ${a}`\n'],
  ['code that was made a comment', 'export const a = 1\n// export const b = `// ${a}`\n'],
])('%s is code', (_, text) => expect(codeOf('a.ts', text)).not.toBe(code))

test('what cannot be read is an error with its path', () => {
  expect(() => codeOf('src/broken.ts', 'export const = 1 // why')).toThrow(/^src\/broken\.ts: /u)
})
