import { Deadline } from '@hoplab/core'
import { labFileWith } from '@hoplab/model'
import { beforeEach, describe, expect, test } from 'vitest'
import { createVerifier } from '../index.ts'
import { checkFields, defineCheckKind, destinationOf, exchange, exchangeEvidence, originsOf, probed, requireAnswered, z } from '../kind.ts'
import { client, type FakeLab, hello, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })

const twice = defineCheckKind({
  spec: z.strictObject({ kind: z.literal('acme-twice'), ...checkFields, ...probed, times: z.int().min(1).default(2) }),
  async look(spec, round) {
    const [origin] = originsOf(round, spec.from)
    if (!origin) throw new Error('nowhere')
    const done = await exchange(round, origin, await destinationOf(round, spec.to), spec.times)
    requireAnswered(done)
    return { state: 'green', nodes: [origin.node], evidence: exchangeEvidence(done), why: `answered ${done.answers.length} times` }
  },
})
const check = { kind: 'acme-twice', from: client, to: hello }

describe('a kind from outside', () => {
  test('looks, passes and fails like one of ours, and meets the others in one batch', async () => {
    const results = await lab.verify([check, { kind: 'reach', from: client, to: hello }], { kinds: [twice] })
    expect(results.map(({ verdict }) => verdict)).toEqual(['pass', 'pass'])
    expect(results[0]?.why).toBe('answered 2 times')
    expect(lab.execs.filter((exec) => exec.endsWith('hoplab-probe'))).toEqual(['a hoplab-probe', 'b hoplab-probe'])
    lab.service('hello', '10.96.1.1', { app: 'helo' })
    expect((await lab.verify([check], { kinds: [twice] }))[0]).toMatchObject({ verdict: 'fail', firstBrokenHop: 'Service lab/hello:80' })
  })
  test('has its kube-proxy waited for, by its `from`', async () => {
    lab.lateProxies.add('a')
    expect((await lab.verify([{ ...check, within: 1 }], { kinds: [twice] }))[0]).toMatchObject({ verdict: 'fail', firstBrokenHop: 'kube-proxy on a' })
  })
  test('that nobody gave is inconclusive, named, and no other check suffers', async () => {
    const spec = { ...labFileWith([twice]).parse(labWith(check)).steps[0]!.checks[0]!, kind: 'acme-thrice' }
    const reach = labFileWith([]).parse(labWith({ kind: 'reach', from: client, to: hello, within: 1 })).steps[0]!.checks[0]!
    expect(await verified([spec, { ...spec, kind: 'constructor' }, reach])).toEqual([
      ['inconclusive', 'This verifier knows no check kind "acme-thrice".'], ['inconclusive', 'This verifier knows no check kind "constructor".'], ['pass', expect.any(String)]])
  })
  test('whose check has not its shape is inconclusive', async () => {
    const spec = { ...labFileWith([twice]).parse(labWith(check)).steps[0]!.checks[0]!, times: 'many' }
    expect(await verified([spec])).toEqual([['inconclusive', expect.stringContaining('is not of the shape of kind "acme-twice"')]])
  })
  test('cannot take the name of another', () => {
    const stolen = defineCheckKind({ ...twice, spec: twice.spec.extend({ kind: z.literal('reach') }) })
    expect(() => createVerifier({ kinds: [stolen] })).toThrow(expect.objectContaining({ code: 'HOP_CHECK_KIND_TAKEN', message: 'There already is a check kind "reach".' }))
    expect(() => createVerifier({ kinds: [twice, twice] })).toThrow(expect.objectContaining({ code: 'HOP_CHECK_KIND_TAKEN' }))
  })
  test.each([
    ['lets unknown fields through', z.object({ kind: z.literal('acme-x'), ...checkFields })],
    ['keeps no plain data', z.strictObject({ kind: z.literal('acme-x'), ...checkFields, when: z.date() })],
    ['transforms', z.strictObject({ kind: z.literal('acme-x'), ...checkFields, port: z.string().transform(Number) })],
  ])('is refused where its schema %s', (_how, spec) => {
    expect(() => defineCheckKind({ spec, look: () => Promise.reject(new Error('never')) })).toThrow(expect.objectContaining({ code: 'HOP_CHECK_KIND_SCHEMA' }))
  })
})

async function verified(specs: Parameters<ReturnType<typeof createVerifier>['verify']>[0][number]['spec'][]): Promise<[string, string][]> {
  using deadline = Deadline.start('test', 280_000)
  const results = await createVerifier({ kinds: [twice] }).verify(specs.map((spec, index) => ({ step: 's', title: 't', spec: { ...spec, id: `c${index}` } })), lab, { answers: {}, deadline })
  return results.map(({ verdict, why }) => [verdict, why])
}

function labWith(written: object): object {
  const text = { en: 'x', 'hi-Latn': 'x' }
  const hints = [1, 2, 3].map((cost) => ({ cost, text }))
  return { id: 'l', section: 1, title: text, summary: text, minutes: 5, workers: 2, cnis: ['flannel'], namespaces: ['lab'], steps: [{ id: 's', title: text, text: '01-x', hints, checks: [{ id: 'c', title: text, ...written }] }] }
}
