import { describe, expect, test } from 'vitest'
import { lintClaimTexts, lintGlossary, lintTexts, memoryFiles, readClaimsFile, readGlossary, readLab, translationLine } from '../src/index.ts'
import { textHash } from '../src/source/translation.ts'
import { demoLab } from './demo-lab.ts'

const glossary = `stay: [Pod, node, init container]
prefer:
  - { for: need, write: zarurat, not: [zaroorat] }
  - { for: also, write: bhi }
forbidden:
  - { word: bhaar santulan, write: load balancing }
`
const english = '# First\n\nAsk the Pod web at `localhost`, 3 times.\n\n```sh\ncurl web\n```\n'
const hinglish = '# Pehla\n\nPod web se `localhost` par 3 baar poocho.\n\n```sh\ncurl web\n```\n'
const path = '01-demo/steps/01-first.hi-Latn.md'

/** The demo lab with real texts in its first step; every text names its English one. */
async function labWith(changes: Record<string, string> = {}): Promise<Record<string, string | Uint8Array>> {
  const files: Record<string, string | Uint8Array> = { ...demoLab(), 'glossary.yaml': glossary, '01-demo/steps/01-first.en.md': english, [path]: hinglish, ...changes }
  for (const name of ['01-first', '02-second']) {
    const text = String(files[`01-demo/steps/${name}.hi-Latn.md`])
    if (!text.startsWith('<!--')) files[`01-demo/steps/${name}.hi-Latn.md`] = translationLine(await textHash(String(files[`01-demo/steps/${name}.en.md`]))) + text
  }
  return files
}

async function problemsOf(files: Record<string, string | Uint8Array>) {
  const read = memoryFiles(files)
  return lintTexts(await readLab(read, 'demo'), await readGlossary(read)).map(({ facts }) => facts)
}

/** Mistake in the Hinglish text → code, and the text at whose first occurrence the error must point (its beginning where nothing is there to point at). */
interface Mistake { mistake: string; replace: string; by: string; code: string; at?: string; says?: RegExp }

const mistakes: Mistake[] = [
  { mistake: 'Devanagari', replace: 'Pehla', by: 'पहला', code: 'HOP_TEXT_SCRIPT', at: 'पहला' },
  { mistake: 'another spelling', replace: 'poocho.', by: 'poocho, Zaroorat hai.', code: 'HOP_TEXT_WORD', at: 'Zaroorat', says: /Write "zarurat"/u },
  { mistake: 'a forbidden phrase over a line break', replace: 'poocho.', by: 'poocho, bhaar\nsantulan.', code: 'HOP_TEXT_WORD', at: 'bhaar', says: /load balancing/u },
  { mistake: 'a term translated', replace: 'Pod web', by: 'Phali web', code: 'HOP_TEXT_TERM', says: /"Pod"/u },
  { mistake: 'code left out', replace: ' `localhost` par', by: '', code: 'HOP_TEXT_CODE', says: /English text has `localhost`/u },
  { mistake: 'other code', replace: '3 baar', by: '3 baar `curl` se', code: 'HOP_TEXT_CODE', at: '`curl`', says: /Hinglish text has `curl`/u },
  { mistake: 'another command', replace: 'curl web', by: 'curl wbe', code: 'HOP_TEXT_CODE', at: '```sh', says: /Block 1/u },
  { mistake: 'a command left out', replace: '```sh\ncurl web\n```\n', by: '', code: 'HOP_TEXT_CODE', says: /Block 1/u },
  { mistake: 'a number left out', replace: '3 baar', by: 'baar baar', code: 'HOP_TEXT_NUMBER', says: /the number 3/u },
  { mistake: 'a number that the English text has not', replace: '3 baar', by: '3 ya 4 baar', code: 'HOP_TEXT_NUMBER', at: '4 baar', says: /Hinglish text has the number 4/u },
  { mistake: 'an object left out', replace: 'Pod web se', by: 'Us Pod se', code: 'HOP_TEXT_OBJECT', says: /"web"/u },
  { mistake: 'too little', replace: '# Pehla\n\nPod web se `localhost` par 3 baar poocho.', by: '# P\n\nPod web `localhost` 3', code: 'HOP_TEXT_LENGTH', says: /5\d % as long/u },
  { mistake: 'too much', replace: 'poocho.', by: 'poocho, aur phir ek baar aur, jab tak wo jawab na de.', code: 'HOP_TEXT_LENGTH', says: /\d{3} % as long/u },
]

describe('every mistake in a Hinglish text is one positioned problem with its fix', () => {
  test.each(mistakes)('$mistake: $code', async ({ replace, by, code, at, says = /./u }) => {
    expect(hinglish).toContain(replace)
    const text = hinglish.replace(replace, () => by)
    const [problem, ...more] = await problemsOf(await labWith({ [path]: text }))
    const lines = text.slice(0, at === undefined ? 0 : text.indexOf(at)).split('\n')
    // The first line of the file names the English text.
    expect(problem).toMatchObject({ code, fix: expect.stringMatching(/./u), position: { file: path, line: lines.length + 1, column: (lines.at(-1) ?? '').length + 1 } })
    expect(`${problem?.what} ${problem?.fix}`).toMatch(says)
    expect(more).toEqual([])
  })

  test('a text without a mistake has none; possessives and plurals are the same words', async () => {
    expect(await problemsOf(await labWith())).toEqual([])
    expect(await problemsOf(await labWith({ '01-demo/steps/01-first.en.md': english.replace('the Pod web', 'web\'s Pod'), [path]: hinglish.replace('Pod web', 'web ke Pods') }))).toEqual([])
  })

  test('titles, questions and hints are looked at in their places', async () => {
    const lab = String(demoLab()['01-demo/lab.yaml']).replace('prompt: { en: Who, hi-Latn: Kaun }', 'prompt: { en: Who are the 2, hi-Latn: Wo do kaun hain }')
    expect(await problemsOf(await labWith({ '01-demo/lab.yaml': lab }))).toMatchObject([{ code: 'HOP_TEXT_NUMBER', position: { file: '01-demo/lab.yaml', line: lab.slice(0, lab.indexOf('Wo do')).split('\n').length } }])
    const fault = String(demoLab()['01-demo/faults/1-one/fault.yaml']).replace('hi-Latn: B', 'hi-Latn: ब')
    expect(await problemsOf(await labWith({ '01-demo/faults/1-one/fault.yaml': fault }))).toMatchObject([{ code: 'HOP_TEXT_SCRIPT', position: { file: '01-demo/faults/1-one/fault.yaml', line: 1 } }])
  })
})

describe('a Hinglish step is stale', () => {
  test('when its English text has changed, until it is looked through', async () => {
    const files = await labWith()
    const changed = { ...files, '01-demo/steps/01-first.en.md': english.replace('Ask', 'Now ask') }
    expect(await problemsOf(changed)).toMatchObject([{ code: 'HOP_TEXT_STALE', what: 'The English text of the step "first" has changed, and the Hinglish one is as before.', fix: expect.stringContaining('pnpm translated demo first'), position: { file: path, line: 1, column: 1 } }])
    expect(await problemsOf(await labWith({ '01-demo/steps/01-first.en.md': english.replace('Ask', 'Now ask') }))).toEqual([])
  })

  test('when it does not name its English text, and not when that is only wrapped elsewhere', async () => {
    expect(await problemsOf({ ...await labWith(), [path]: hinglish })).toMatchObject([{ code: 'HOP_TEXT_STALE', what: expect.stringContaining('does not name') }])
    expect(await problemsOf({ ...await labWith(), '01-demo/steps/01-first.en.md': english.replace('Pod web at', 'Pod web\nat') })).toEqual([])
  })

  test('and nobody who reads the step sees the line that tells', async () => {
    const lab = await readLab(memoryFiles(await labWith()), 'demo')
    expect(lab.texts.first?.['hi-Latn']).toBe(hinglish)
  })
})

test('the texts beside the claims are looked at too, the notes\' own words are not', async () => {
  const claims = 'open: 1\nheadings: []\nclaims:\n  - { id: "1.1", words: Zaroorat hai., en: Needed., missing: { en: All of the Pods, hi-Latn: Saare Pods ki zaroorat } }\n'
  const files = memoryFiles({ 'claims.yaml': claims, 'notes.txt': 'Zaroorat hai.\n', 'glossary.yaml': glossary })
  expect(lintClaimTexts(await readClaimsFile(files), await readGlossary(files)).map(({ facts }) => facts)).toMatchObject([{ code: 'HOP_TEXT_WORD', position: { file: 'claims.yaml', line: 4 } }])
})

test.each([
  ['a word asked for and refused', 'not: [zaroorat]', 'not: [zaroorat, bhi]', 'HOP_GLOSSARY_CONTRADICTION', 'bhi]'],
  ['a word refused twice', 'word: bhaar santulan', 'word: zaroorat', 'HOP_GLOSSARY_CONTRADICTION', 'zaroorat, write'],
  ['a word in another script', 'word: bhaar santulan', 'word: भार', 'HOP_LAB_VALUE_INVALID', 'भार'],
])('in the glossary: %s', async (_, replace, by, code, at) => {
  const text = glossary.replace(replace, by)
  const lint = async () => lintGlossary(await readGlossary(memoryFiles({ 'glossary.yaml': text })))
  const [problem] = await lint().catch((error: unknown) => [error as Awaited<ReturnType<typeof lint>>[number]])
  const lines = text.slice(0, text.indexOf(at)).split('\n')
  expect(problem?.facts).toMatchObject({ code, position: { file: 'glossary.yaml', line: lines.length, column: (lines.at(-1) ?? '').length + 1 } })
})
