import { describe, expect, test } from 'vitest'
import type { ZodType } from 'zod'
import { checkSpec } from './check.ts'
import { caseFile, faultFile, labFile } from './lab.ts'
import { podRef, probeOrigin, probeTarget } from './target.ts'
import { slug } from './text.ts'
import { answersFile, verbList } from './verb.ts'

const said = { en: 'Title', 'hi-Latn': 'Naam' }
const hint = { cost: 1, text: said }
const reach = { kind: 'reach', id: 'reaches', title: said, points: 3, from: { pod: { name: 'client' } }, to: { service: 'hello', port: 80 } }
const step = { id: 'mend', title: said, text: '01-mend', hints: [hint, hint, hint], checks: [reach] }
const lab = {
  id: 'demo', section: 0, title: said, summary: said, minutes: 10, workers: 2, cnis: ['flannel'], namespaces: ['demo'], steps: [step],
}

/** Paths at which the schema finds fault, as `a.0.b`. */
const faultsOf = (schema: ZodType, value: unknown): string[] =>
  (schema.safeParse(value).error?.issues ?? []).map((issue) => issue.path.join('.') || '(top)')

describe('lab.yaml', () => {
  test('the least lab reads, and defaults are filled in', () => {
    const read = labFile.parse(lab)
    expect(read).toMatchObject({ proxyModes: ['iptables', 'nftables'], nodeCommands: [] })
    expect(read.steps[0]?.checks[0]).toMatchObject({ count: 5, within: 15, hold: 0, needs: [], points: 3 })
  })
  test.each([
    ['an unknown key', { ...lab, color: 'red' }, '(top)'],
    ['an unknown CNI', { ...lab, cnis: ['canal'] }, 'cnis.0'],
    ['no CNI', { ...lab, cnis: [] }, 'cnis'],
    ['no namespace', { ...lab, namespaces: [] }, 'namespaces'],
    ['a wrong type', { ...lab, workers: '2' }, 'workers'],
    ['half a worker', { ...lab, workers: 1.5 }, 'workers'],
    ['no step', { ...lab, steps: [] }, 'steps'],
    ['a title in one language', { ...lab, title: { en: 'Only' } }, 'title.hi-Latn'],
    ['an empty title', { ...lab, title: { en: '', 'hi-Latn': 'x' } }, 'title.en'],
    ['two hints', { ...lab, steps: [{ ...step, hints: [hint, hint] }] }, 'steps.0.hints'],
    ['a hint that gives points', { ...lab, steps: [{ ...step, hints: [{ ...hint, cost: -1 }, hint, hint] }] }, 'steps.0.hints.0.cost'],
    ['a text name that leaves its folder', { ...lab, steps: [{ ...step, text: '../01-x' }] }, 'steps.0.text'],
    ['a step without a check', { ...lab, steps: [{ ...step, checks: [] }] }, 'steps.0.checks'],
  ])('%s is refused where it stands', (_name, value, path) => { expect(faultsOf(labFile, value)).toEqual([path]) })
})

describe('checks', () => {
  test('an unknown kind is refused at "kind"', () => { expect(faultsOf(checkSpec, { ...reach, kind: 'ping' })).toEqual(['kind']) })
  test('"blocked" without its control is refused: it would prove nothing', () => {
    expect(faultsOf(checkSpec, { ...reach, kind: 'blocked' })).toEqual(['control'])
  })
  test('a key of another kind is refused', () => { expect(faultsOf(checkSpec, { ...reach, backends: { name: 'a' } })).toEqual(['(top)']) })
  test('waiting has bounds', () => {
    expect(faultsOf(checkSpec, { ...reach, within: 0 })).toEqual(['within'])
    expect(faultsOf(checkSpec, { ...reach, within: 121, hold: 61 })).toEqual(['within', 'hold'])
  })
})

describe('references', () => {
  test('a Pod is named or labelled, not both and not neither', () => {
    expect(faultsOf(podRef, { name: 'a' })).toEqual([])
    expect(faultsOf(podRef, { labels: { app: 'a' } })).toEqual([])
    expect(faultsOf(podRef, { name: 'a', labels: { app: 'a' } })).toEqual(['(top)'])
    expect(faultsOf(podRef, {})).toEqual(['(top)'])
    expect(faultsOf(podRef, { labels: {} })).toEqual(['labels'])
  })
  test('a probe starts in a Pod or on a node', () => {
    expect(faultsOf(probeOrigin, { node: 'worker-1' })).toEqual([])
    expect(faultsOf(probeOrigin, { node: 'worker-1', pod: { name: 'a' } })).not.toEqual([])
  })
  test.each([0, 65_536, 80.5])('port %d is refused', (port) => { expect(faultsOf(probeTarget, { service: 'hello', port })).not.toEqual([]) })
  test.each(['a', 'a-b', '0', 'a'.repeat(40)])('slug %j is good', (good) => { expect(faultsOf(slug, good)).toEqual([]) })
  test.each(['', '-a', 'a-', 'A', 'a_b', 'a/b', '..', 'a b', 'a\n', 'a'.repeat(41)])('slug %j is refused', (bad) => { expect(faultsOf(slug, bad)).not.toEqual([]) })
})

describe('verbs and cases', () => {
  test('each verb reads', () => {
    const object = { apiVersion: 'v1', kind: 'Service', name: 'hello' }
    const verbs = [
      { apply: 'client.yaml' }, { delete: object }, { patch: object, value: { spec: { selector: { app: 'hello' } } } },
      { pod: { name: 'client' }, argv: ['true'] }, { node: 'worker-1', argv: ['ip', 'route'] },
    ]
    expect(verbList.parse(verbs)[2]).toMatchObject({ type: 'strategic' })
  })
  test('two verbs in one entry, or none, are refused', () => {
    expect(faultsOf(verbList, [{ apply: 'a', node: 'worker-1', argv: ['x'] }])).not.toEqual([])
    expect(faultsOf(verbList, [{}])).not.toEqual([])
    expect(faultsOf(verbList, [])).not.toEqual([])
  })
  test('a command needs its program', () => { expect(faultsOf(verbList, [{ node: 'worker-1', argv: [] }])).not.toEqual([]) })
  test('a fault needs its undo and a verdict of the five', () => {
    const fault = { title: said, layer: 'dns', do: [{ apply: 'a' }], undo: [{ apply: 'a' }], expect: { reaches: 'fail' } }
    expect(faultsOf(faultFile, fault)).toEqual([])
    expect(faultsOf(faultFile, { ...fault, undo: undefined })).toEqual(['undo'])
    expect(faultsOf(faultFile, { ...fault, do: [{ fault: 'selector-wrong', with: { service: 'a' } }], undo: undefined })).toEqual([])
    expect(faultsOf(faultFile, { ...fault, do: [{ fault: 'coredns-scaled-down' }], undo: undefined, expect: undefined, otherwise: 'pass' })).toEqual([])
    expect(faultsOf(faultFile, { ...fault, expect: { reaches: 'red' } })).toEqual(['expect.reaches'])
  })
  test('an answer is text or read from the cluster; a bare number is refused, because YAML would have changed it', () => {
    expect(faultsOf(answersFile, { where: 'worker-1', who: { pod: { name: 'a' }, field: 'status.podIP' } })).toEqual([])
    expect(faultsOf(answersFile, { where: 10.1 })).not.toEqual([])
  })
  test('a case names itself in both languages', () => { expect(faultsOf(caseFile, { title: { en: 'x' } })).toEqual(['title.hi-Latn']) })
})
