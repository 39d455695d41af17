import { defineError } from '@hoplab/core'
import type { CheckResult, LabResult, PhaseResult } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import {
  columns, duration, errorJson, errorText, evidenceText, factsOf, type Heard, lookOf, ndjsonReporter, phasesText, phaseText, plainReporter, resultText,
  spinnerReporter, timed, timingsText,
} from './index.ts'

const plain = { colour: false, unicode: false, live: false }

const check = (changes: Partial<CheckResult> = {}): CheckResult => ({
  id: 'reach', step: 'mend', title: 'The Service answers', verdict: 'pass', points: 3, maxPoints: 3, truth: 'real', why: 'seen', evidence: [],
  attempts: 2, flapped: false, durationMs: 1_234, ...changes,
})

const result = (checks: CheckResult[]): LabResult => ({
  schemaVersion: 1, lab: 'tiny', section: 0, provider: 'kind', cni: 'flannel', seed: '1', verdict: 'fail', points: 3, pointsPossible: 5, maxPoints: 6,
  durationMs: 2_000, checks, cluster: { name: 'hoplab-tiny', kubernetes: 'v1.34.2', kubeProxyMode: 'iptables', images: {}, nodes: [] },
})

describe('text people read', () => {
  test('a check that the tool solved says why it earns nothing, although it passes', () => {
    expect(resultText(result([check({ points: 0, solvedByTool: true })]), plain)).toContain('(reach, 0 of 3 points: solved by "hoplab solve")')
  })
  test('a result names verdict, points and reason of every check', () => {
    const text = resultText(result([check(), check({ id: 'dns', verdict: 'fail', points: 0, why: 'no answer', firstBrokenHop: 'CoreDNS' }), check({ id: 'who', step: 'tell', verdict: 'inconclusive', points: 0, maxPoints: 2, why: 'toolbox gone' })]), plain)
    expect(text).toMatchInlineSnapshot(`
      "mend
      PASS The Service answers (reach, 3 of 3 points)
      FAIL The Service answers (dns, 0 of 3 points)
          no answer
          first broken hop: CoreDNS
      tell
      INCONCLUSIVE The Service answers (who, 0 of 2 points)
          toolbox gone
      FAIL: 3 of 6 points (at most 5 when the inconclusive checks can be run) in 2.0 s"
    `)
  })

  test('evidence names every witness and how to look oneself', () => {
    const evidence = [{ witness: 'server', observed: '10.244.1.1', expected: '10.244.1.5', command: 'hoplab shell pod/client' }]
    expect(evidenceText(check({ verdict: 'fail', flapped: true, evidence }), plain)).toMatchInlineSnapshot(`
      "FAIL The Service answers (reach, 3 of 3 points)
          seen
        server: 10.244.1.1
          expected: 10.244.1.5
          look yourself: hoplab shell pod/client
        the answer changed while it was watched
        2 looks in 1.2 s, real"
    `)
  })

  test('phases say whether they are as declared, and how not', () => {
    const phase: PhaseResult = { name: 'near-miss:1', verdict: 'pass', points: 5, maxPoints: 5, checks: [], asDeclared: false, deviation: 'scores full (5), must be caught', durationMs: 61_000 }
    expect(phaseText(phase, plain)).toBe('NOT AS DECLARED  near-miss:1: pass, 5 of 5 points (1 min 1 s)\n    scores full (5), must be caught')
    expect(phasesText([phase, { ...phase, asDeclared: true }], plain)).toBe('1 of 2 phases are not as declared: near-miss:1')
  })

  test('an error says what, where, why, fix, state, evidence', () => {
    const raise = defineError('HOP_X', { exitCode: 2, what: 'It broke.', why: 'Because.', fix: 'Type this.', state: 'Nothing changed.' })
    const error = raise(undefined, { position: { file: 'lab.yaml', line: 3, column: 7 }, evidence: '/e' })
    expect(errorText(factsOf(error), plain)).toMatchInlineSnapshot(`
      "error It broke. [HOP_X]
        at: lab.yaml:3:7
        why: Because.
        fix: Type this.
        state: Nothing changed.
        evidence: /e"
    `)
    expect(JSON.parse(errorJson(error.facts))).toMatchObject({ schemaVersion: 1, error: { code: 'HOP_X', exitCode: 2, position: { line: 3 }, evidence: '/e' } })
  })

  test('what nobody planned for is our mistake, never the learner\'s', () => {
    expect(factsOf(new TypeError('x is undefined'))).toMatchObject({ code: 'HOP_BUG', exitCode: 3 })
  })

  test('foreign text cannot move the cursor, set a title or hide', () => {
    const hostile = 'ok\u001B[2J\u001B]0;title\u0007\r\u202Egnp\nPASS forged'
    for (const text of [evidenceText(check({ verdict: 'fail', why: hostile, title: hostile, evidence: [{ witness: hostile, observed: hostile, expected: hostile }] }), plain), columns(['a'], [[hostile]], plain)]) {
      expect(text).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u202E]/u)
    }
  })

  test('columns line up, durations read well', () => {
    expect(columns(['lab', 'time'], [['first-packet', '20'], ['x', '1']], plain)).toBe('lab           time\nfirst-packet  20\nx             1')
    expect([900, 12_345, 59_960, 125_000].map(duration)).toEqual(['900 ms', '12.3 s', '1 min 0 s', '2 min 5 s'])
  })
})

describe('how it looks', () => {
  test('NO_COLOR wins over everything, a pipe has no colour, FORCE_COLOR gives it one', () => {
    expect(lookOf({ env: { NO_COLOR: '1', FORCE_COLOR: '1' }, isTTY: true }).colour).toBe(false)
    expect(lookOf({ env: {}, isTTY: false }).colour).toBe(false)
    expect(lookOf({ env: { FORCE_COLOR: '1' }, isTTY: false }).colour).toBe(true)
    expect(lookOf({ env: { TERM: 'dumb', LANG: 'C' }, isTTY: true })).toEqual({ colour: false, unicode: false, live: false })
    expect(lookOf({ env: { TERM: 'xterm', LANG: 'en_US.UTF-8' }, isTTY: true })).toEqual({ colour: true, unicode: true, live: true })
  })

  test('colour never carries meaning alone', () => {
    const coloured = resultText(result([check({ verdict: 'fail' })]), { colour: true, unicode: true, live: false })
    expect(coloured).toContain('\u001B[31m')
    expect(coloured).toContain('FAIL')
  })
})

describe('reporters', () => {
  const story: Heard[] = [
    { type: 'phase-start', phase: 'nodes', expectedMs: 30_000 }, { type: 'note', text: 'reusing images' },
    { type: 'phase-end', phase: 'nodes', durationMs: 28_100, ok: true }, { type: 'check', result: check() },
  ]

  test('plain: one finished line per event', () => {
    let out = ''
    const reporter = plainReporter((text) => { out += text }, plain)
    story.forEach((event) => reporter.hear(event))
    expect(out).toBe('  … nodes (about 30.0 s)\n  reusing images\n  done  nodes 28.1 s\nPASS The Service answers (reach, 3 of 3 points)\n')
  })

  test('NDJSON: every event, in order, with its time', () => {
    let out = ''
    let clock = 0
    const reporter = ndjsonReporter((text) => { out += text }, () => clock++ * 5)
    story.forEach((event) => reporter.hear(event))
    const lines = out.trim().split('\n').map((line) => JSON.parse(line) as { type: string; atMs: number })
    expect(lines.map((line) => [line.type, line.atMs])).toEqual([['phase-start', 5], ['note', 10], ['phase-end', 15], ['check', 20]])
  })

  test('spinner: shows elapsed and expected time, and wipes its line when disposed', () => {
    let out = ''
    let clock = 0
    const reporter = spinnerReporter((text) => { out += text }, { colour: false, unicode: true, live: true }, () => clock)
    reporter.hear(story[0]!)
    clock = 12_000
    reporter.hear(story[1]!)
    expect(out).toContain('nodes 12 s of about 30.0 s')
    reporter[Symbol.dispose]()
    expect(out.endsWith('\r\u001B[K')).toBe(true)
  })

  test('timings are kept while everything is passed on', () => {
    const heard: Heard[] = []
    const { reporter, timings } = timed({ hear: (event) => heard.push(event), [Symbol.dispose]() {} })
    story.forEach((event) => reporter.hear(event))
    expect(heard).toEqual(story)
    expect(timingsText(timings, plain)).toBe('phase  time\nnodes  28.1 s')
  })
})
