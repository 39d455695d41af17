import { Deadline } from '@hoplab/core'
import { afterAll, describe, expect, test } from 'vitest'
import type { LabView } from '../port.ts'
import { Batcher, type Waiting } from './batch.ts'
import type { ProbeRequest } from './request.ts'
import { Turns } from './turns.ts'

const deadline = Deadline.start('batches', 280_000)
afterAll(() => deadline[Symbol.dispose]())

const quick: ProbeRequest = { kind: 'tcp', from: { node: true }, target: '10.0.0.1:80', count: 1, parallel: 1, timeoutMs: 2_000 }
const flow: ProbeRequest = { kind: 'udp', from: { node: true }, target: '10.0.0.1:53', count: 1, parallel: 1, timeoutMs: 1_000, datagrams: 5, everyMs: 100 }
const transfer: ProbeRequest = { kind: 'http', from: { node: true }, target: '10.0.0.1:80', count: 2, parallel: 2, timeoutMs: 4_500, bodyBytes: 1_048_576, answerBytes: 1_048_576 }

/** A node whose batches end when they are told to. `sent` holds what each was made of, in the order in which they began. */
class SlowNode {
  readonly sent: string[][] = []
  readonly #ends: (() => void)[] = []
  readonly view = { shell: () => ({ exec: async (_argv: readonly string[], { input = '' }: { input?: string }) => {
    const { batch, probes } = JSON.parse(input) as { batch: string; probes: { id: string; nonce: string; kind: string }[] }
    this.sent.push(probes.map(({ kind }) => kind))
    await new Promise<void>((resolve) => { this.#ends.push(resolve) })
    const lines = probes.map(({ id, nonce }) => ({ id, nonce, class: 'ERROR', detail: 'never tried', connections: [] }))
    return { exitCode: 0, stderr: '', stdout: `${[...lines, { end: batch, count: probes.length }].map((line) => JSON.stringify(line)).join('\n')}\nrecords-end\n` }
  } }) } as unknown as LabView

  /** Ends the batch that began as the `index`th. */
  end(index: number): void { this.#ends[index]?.() }
}

const moment = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, 20) })
/** What came of a request, or that it still waits. */
const state = async (asked: Promise<unknown>): Promise<string> => Promise.race([asked.then(() => 'answered', () => 'ended'), moment().then(() => 'waits')])

describe('batches of a node', () => {
  test('what is asked at the same moment travels together', async () => {
    const node = new SlowNode()
    const batcher = new Batcher(node.view, deadline)
    const asked = [batcher.ask('a', quick), batcher.ask('a', quick)]
    await moment()
    expect(node.sent).toEqual([['tcp', 'tcp']])
    node.end(0)
    expect(await Promise.all(asked.map(state))).toEqual(['ended', 'ended'])
  })

  test('of what does for all who ask the same in the same moment one is sent; what was sent does for nobody later', async () => {
    const node = new SlowNode()
    const batcher = new Batcher(node.view, deadline)
    const ask = (request: ProbeRequest, forAll = true): Promise<unknown> => batcher.ask('a', request, { forAll })
    const asked = [ask(quick), ask(quick), ask({ ...quick, target: '10.0.0.2:80' }), ask(quick, false)]
    await moment()
    expect(node.sent).toEqual([['tcp', 'tcp', 'tcp']])
    const later = ask(quick)
    node.end(0)
    expect(await Promise.all(asked.map(state))).toEqual(['ended', 'ended', 'ended', 'ended'])
    await moment()
    expect(node.sent).toEqual([['tcp', 'tcp', 'tcp'], ['tcp']])
    node.end(1)
    expect(await state(later)).toBe('ended')
  })

  test('a ping waits for no batch, and none for it: it leaves no record', async () => {
    const node = new SlowNode()
    const batcher = new Batcher(node.view, deadline)
    const first = batcher.ask('a', quick)
    await moment()
    const pinged = batcher.ask('a', { kind: 'ping', from: { node: true }, target: '10.0.0.1', count: 1, parallel: 1, timeoutMs: 2_000, size: 56 })
    await moment()
    expect(node.sent).toEqual([['tcp'], ['ping']])
    node.end(0)
    expect([await state(first), await state(pinged)]).toEqual(['ended', 'waits'])
    node.end(1)
    expect(await state(pinged)).toBe('ended')
  })

  test('quick ones take turns; what other rounds ask meanwhile goes together in the next', async () => {
    const node = new SlowNode()
    const turns = new Turns<Waiting>()
    const ask = (): Promise<unknown> => new Batcher(node.view, deadline, turns).ask('a', quick)
    const first = ask()
    await moment()
    const [second, third] = [ask(), ask()]
    await moment()
    expect(node.sent).toEqual([['tcp']])
    node.end(0)
    expect(await state(first)).toBe('ended')
    await moment()
    expect(node.sent).toEqual([['tcp'], ['tcp', 'tcp']])
    node.end(1)
    expect(await Promise.all([second, third].map(state))).toEqual(['ended', 'ended'])
  })

  test('whoever is answered and asks on travels with what waited', async () => {
    const node = new SlowNode()
    const batcher = new Batcher(node.view, deadline)
    const onwards = batcher.ask('a', quick).catch(() => batcher.ask('a', quick))
    await moment()
    const waited = batcher.ask('a', quick)
    node.end(0)
    await moment()
    expect(node.sent).toEqual([['tcp'], ['tcp', 'tcp']])
    node.end(1)
    expect(await Promise.all([onwards, waited].map(state))).toEqual(['ended', 'ended'])
  })

  test.for([['a held flow', flow], ['a large body', transfer]] as const)('%s starts with the others and is waited for by nobody', async ([, long]) => {
    const node = new SlowNode()
    const batcher = new Batcher(node.view, deadline)
    const [slow, fast] = [batcher.ask('a', long), batcher.ask('a', quick)]
    await moment()
    expect(node.sent.toSorted()).toEqual([['tcp'], [long.kind]].toSorted())
    node.end(node.sent.findIndex(([kind]) => kind === 'tcp'))
    expect([await state(fast), await state(slow)]).toEqual(['ended', 'waits'])
    const next = batcher.ask('a', quick)
    await moment()
    expect(node.sent).toHaveLength(3)
    for (const index of [0, 1, 2]) node.end(index)
    expect(await Promise.all([slow, next].map(state))).toEqual(['ended', 'ended'])
  })
})
