import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainLine, plainText } from './plain-text.ts'

const esc = '\u001B'

describe('plainText', () => {
  test.each([
    ['colour', `${esc}[31mred${esc}[0m`, 'red'],
    ['cursor and erase', `a${esc}[2J${esc}[1;1Hb`, 'ab'],
    ['window title ended by BEL', `a${esc}]0;evil\u0007b`, 'ab'],
    ['link ended by ST', `${esc}]8;;http://x${esc}\\text${esc}]8;;${esc}\\`, 'text'],
    ['device control string', `a${esc}P1$r0m${esc}\\b`, 'ab'],
    ['C1 colour', 'a\u009B31mb', 'ab'],
    ['C1 title', 'a\u009D0;evil\u009Cb', 'ab'],
    ['charset switch', `${esc}(0x`, 'x'],
    ['reset', `${esc}cx`, 'x'],
    ['bell, backspace, lone return', 'a\u0007\u0008\rb', 'ab'],
    ['bidi override', 'user\u202Etxt.exe\u202C', 'usertxt.exe'],
    ['bidi isolate', '\u2066a\u2069', 'a'],
    ['zero width', 'a\u200Bb\uFEFFc\u2060d', 'abcd'],
    ['unicode tags', 'a\u{E0041}\u{E0042}b', 'ab'],
    ['line separator', 'a\u2028b', 'ab'],
    ['lone surrogate', 'a\uD800b', 'a\uFFFDb'],
  ])('%s is taken out', (_name, hostile, plain) => { expect(plainText(hostile)).toBe(plain) })

  test('a title that never ends hides its own line only', () => {
    expect(plainText(`a${esc}]0;evil\nFAIL 3 points lost`)).toBe('a\nFAIL 3 points lost')
  })
  test('ordinary text stays: tab, newline, Hindi, emoji', () => {
    const text = 'Pod ka\taddress\n१०.२४४.१.५ 🚀 é [31m'
    expect(plainText(text)).toBe(text)
  })
  test('Windows line ends become ours', () => { expect(plainText('a\r\nb')).toBe('a\nb') })

  const terminal = fc.array(fc.oneof(
    fc.string(), fc.string({ unit: 'binary' }),
    fc.constantFrom(esc, `${esc}[`, `${esc}]`, `${esc}P`, '\u009B', '\u009D', '\u0007', `${esc}\\`, '\n', '\u202E', ';', 'm', '\r'),
  )).map((parts) => parts.join(''))

  test('no text, however made, leaves a character that steers a terminal', () => {
    fc.assert(fc.property(terminal, (text) => {
      expect(plainText(text)).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/u)
    }), { numRuns: 2_000 })
  })
  test('doing it twice changes nothing', () => {
    fc.assert(fc.property(terminal, (text) => { expect(plainText(plainText(text))).toBe(plainText(text)) }), { numRuns: 1_000 })
  })
  // Were it quadratic, this would not end within the test's bound.
  test.each([`${esc}]`, `${esc}[`, `${esc}[ `, '\u009D'])('a megabyte of %j comes to an end', (introducer) => {
    expect(plainText(introducer.repeat(400_000)).includes(esc)).toBe(false)
  })
})

describe('plainLine', () => {
  test('is one line of at most max characters', () => {
    expect(plainLine(' a\n\t b ')).toBe('a b')
    expect(plainLine('abcdef', 4)).toBe('abc…')
  })
  test('never ends in half a character', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 20 }), (text, max) => {
      const line = plainLine(text, max)
      expect(line.length).toBeLessThanOrEqual(max)
      expect(line.isWellFormed()).toBe(true)
      expect(line).not.toContain('\n')
    }))
  })
})
