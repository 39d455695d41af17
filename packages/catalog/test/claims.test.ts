import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HopError } from '@hoplab/core'
import { isOpen } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import { readClaims as readClaimsOnDisk } from '../src/fs/index.ts'
import { memoryFiles, readClaims } from '../src/index.ts'
import { demoLab } from './demo-lab.ts'

const root = join(import.meta.dirname, '../../../labs')

describe('the claims of the notes', () => {
  test('quote every line of the notes that is no heading, once, and keep every rule', async () => {
    const { claims: { claims, headings } } = await readClaimsOnDisk(root)
    const lines = (await readFile(join(root, 'notes.txt'), 'utf8')).split('\n').filter((line) => line !== '')
    const quoted = claims.flatMap(({ words }) => words.split('\n'))
    expect(claims.length).toBeGreaterThanOrEqual(55)
    expect(quoted).toEqual(lines.filter((line) => !headings.includes(line)))
    expect(new Set(quoted).size).toBe(quoted.length)
  })

  test('no heading tells a fact: each is a title, or begins a list', async () => {
    const { claims: { headings } } = await readClaimsOnDisk(root)
    expect(headings.filter((heading) => /\b(?:hai|hain|hota|hoti|hote)\b/u.test(heading))).toEqual(['Iska matlab hai', 'Service kya karti hai'])
  })

  test('a sentence that simplifies has its precise version', async () => {
    const { claims: { claims } } = await readClaimsOnDisk(root)
    const note = (id: string): string => claims.find((one) => one.id === id)?.note?.en ?? ''
    expect(note('1.6')).toContain('neither is one of the controllers of kube-controller-manager')
    expect(note('1.9')).toContain('only through a volume')
    expect(note('3.3')).toContain('two containers cannot both listen on one')
  })

  test('none is open, and each has a proof', async () => {
    const { claims: { claims, open } } = await readClaimsOnDisk(root)
    expect(claims.length).toBeGreaterThanOrEqual(55)
    expect(claims.filter((one) => isOpen(one) || one.proof.length === 0)).toEqual([])
    expect(open).toBe(0)
  })
})

const notes = 'Notes\n\n1. First\nPods\n\nA Pod answers.\nIf there are two\nThen both answer.\n\n2. Second\nNames lead there.\n'
const file = `open: 1
headings: [Notes, 1. First, Pods, 2. Second]
claims:
  - id: "1.1"
    words: A Pod answers.
    en: A Pod answers.
    proof: [{ lab: demo, step: first, check: answers, counterCase: faults/1-one }]
  - id: "1.2"
    words: |-
      If there are two
      Then both answer.
    en: Two answer.
    proof: [{ lab: demo, step: first, check: answers, counterCase: near-misses/1-one }]
  - id: "2.1"
    words: Names lead there.
    en: Names lead there.
    missing: { en: All, hi-Latn: Sab }
`

/** Mistake → code, and the text at whose first occurrence the error must point. */
interface Mistake { mistake: string; in?: 'claims.yaml' | 'notes.txt'; replace: string; by: string; code: string; at?: string; says?: RegExp }

const mistakes: Mistake[] = [
  { mistake: 'words that the notes do not have', replace: 'words: A Pod answers.', by: 'words: A Pod answer.', code: 'HOP_CLAIM_WORDS', at: 'A Pod answer.', says: /no such line/u },
  { mistake: 'words out of order', replace: 'words: Names lead there.', by: 'words: A Pod answers.', code: 'HOP_CLAIM_WORDS', at: 'A Pod answers.\n    en: Names', says: /elsewhere/u },
  { mistake: 'a heading that the notes do not have', replace: '[Notes, 1. First, Pods', by: '[Notes, 1. First, Pod', code: 'HOP_CLAIM_WORDS', at: 'Pod,', says: /"Pod"/u },
  { mistake: 'a sentence that no claim quotes', in: 'notes.txt', replace: 'Names lead', by: 'Rules count.\nNames lead', code: 'HOP_CLAIM_UNCOVERED', at: 'Rules count', says: /"Rules count\."/u },
  { mistake: 'a sentence at the end that no claim quotes', in: 'notes.txt', replace: 'there.\n', by: 'there.\nRules count.\n', code: 'HOP_CLAIM_UNCOVERED', at: 'Rules count' },
  { mistake: 'a number out of turn', replace: 'id: "1.2"', by: 'id: "1.3"', code: 'HOP_LAB_VALUE_INVALID', at: '"1.3"', says: /must be "1\.2"/u },
  { mistake: 'a section that is another', replace: 'id: "2.1"', by: 'id: "1.3"', code: 'HOP_LAB_VALUE_INVALID', at: '"1.3"', says: /must be "2\.1"/u },
  { mistake: 'no such lab', replace: '{ lab: demo', by: '{ lab: dmeo', code: 'HOP_LAB_UNKNOWN', at: 'dmeo', says: /"demo"/u },
  { mistake: 'no such step', replace: 'step: first', by: 'step: frist', code: 'HOP_LAB_REFERENCE_UNKNOWN', at: 'frist', says: /step "frist".*"first"/u },
  { mistake: 'a check of another step', replace: 'check: answers', by: 'check: name', code: 'HOP_LAB_REFERENCE_UNKNOWN', at: 'name, counter', says: /check "name".*answers/u },
  { mistake: 'no such counter-case', replace: 'faults/1-one', by: 'faults/1-won', code: 'HOP_LAB_REFERENCE_UNKNOWN', at: 'faults/1-won', says: /"faults\/1-one"/u },
  { mistake: 'a counter-case that is a solution', replace: 'faults/1-one', by: 'solutions/1-one', code: 'HOP_LAB_VALUE_INVALID', at: 'solutions/1-one', says: /near-misses/u },
  { mistake: 'a proof by an answer', replace: 'check: answers', by: 'check: who', code: 'HOP_CLAIM_EXISTENCE', at: 'who, counter', says: /"answer"/u },
  { mistake: 'a counter-case in which the check is not red', replace: 'step: first, check: answers', by: 'step: second, check: name', code: 'HOP_CLAIM_UNREFUTED', at: 'faults/1-one', says: /"name" is not declared to fail/u },
  { mistake: 'a claim closed unnoticed', replace: '    missing: { en: All, hi-Latn: Sab }\n', by: '    proof: [{ lab: demo, step: first, check: answers, counterCase: faults/1-one }]\n', code: 'HOP_CLAIM_COUNT', at: '1\nheadings', says: /^0 claims are open, not 1/u },
  { mistake: 'neither proof nor what is missing', replace: '    missing: { en: All, hi-Latn: Sab }\n', by: '', code: 'HOP_LAB_VALUE_INVALID', at: 'id: "2.1"', says: /must name a proof/u },
  { mistake: 'an unknown key', replace: 'counterCase: faults', by: 'countercase: faults', code: 'HOP_LAB_KEY_UNKNOWN', at: 'countercase', says: /"counterCase"/u },
]

describe('every mistake in the claims ends in one positioned error', () => {
  test.each(mistakes)('$mistake: $code', async ({ in: where = 'claims.yaml', replace, by, code, at = by, says = /./u }) => {
    const before = { 'claims.yaml': file, 'notes.txt': notes }
    expect(before[where]).toContain(replace)
    const text = before[where].replace(replace, () => by)
    const error = await readClaims(memoryFiles({ ...demoLab(), ...before, [where]: text })).then(() => undefined, (thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(HopError)
    const lines = text.slice(0, text.indexOf(at)).split('\n')
    expect((error as HopError).facts).toMatchObject({ code, exitCode: 2, fix: expect.stringMatching(/./u), position: { file: where, line: lines.length, column: (lines.at(-1) ?? '').length + 1 } })
    expect(`${(error as HopError).facts.what} ${(error as HopError).facts.why}`).toMatch(says)
  })

  test('a fault that is red in one proxy mode only is no counter-case', async () => {
    const fault = '01-demo/faults/1-one/fault.yaml'
    const labs = { ...demoLab(), [fault]: `${String(demoLab()[fault])}in: { nftables: { expect: { answers: pass } } }\n` }
    await expect(readClaims(memoryFiles({ ...labs, 'claims.yaml': file, 'notes.txt': notes }))).rejects.toMatchObject({ code: 'HOP_CLAIM_UNREFUTED', facts: { fix: expect.stringContaining('faults/2-two') } })
  })

  test('without a mistake they are read', async () => {
    expect((await readClaims(memoryFiles({ ...demoLab(), 'claims.yaml': file, 'notes.txt': notes }))).claims.claims).toHaveLength(3)
  })
})
