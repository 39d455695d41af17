import { Deadline } from '@hoplab/core'
import { describe, expect, test } from 'vitest'
import type { Toolbox } from '../../port.ts'
import { probeFromNode, readBatch } from './control-probes.ts'

const here = { node: 'n1', uid: 'u1', ip: '10.244.1.2' }
const there = { node: 'n2', uid: 'u2', ip: '10.244.2.2' }
const deadline = Deadline.start('probe', 280_000)

/** A toolbox whose probe program answers what `reply` makes of the batch. */
function toolbox(reply: (batch: { batch: string; probes: { id: string }[] }) => string, exitCode = 0): Toolbox {
  return { node: 'n1', exec: async (_argv, { input }) => ({ exitCode, stdout: reply(JSON.parse(input ?? '')), stderr: 'broken', durationMs: 1 }) }
}
const lines = (batch: string, ...results: object[]): string => [...results, { end: batch, count: results.length }].map((line) => JSON.stringify(line)).join('\n')

describe('probes of health', () => {
  test('nothing to say when every probe is OK', async () => {
    const box = toolbox(({ batch, probes }) => lines(batch, ...probes.map(({ id }) => ({ id, class: 'OK' }))))
    expect(await probeFromNode(box, here, [there], deadline)).toEqual([])
  })
  test('names the pair of nodes and the name server that fail', async () => {
    const box = toolbox(({ batch }) => lines(batch, { id: 'http n2', class: 'TIMEOUT', detail: 'after 1.5 s' }, { id: 'dns', class: 'DNS' }))
    expect(await probeFromNode(box, here, [there], deadline)).toEqual(['no request from n1 to n2 (TIMEOUT: after 1.5 s)', 'CoreDNS does not answer Pods on n1 (DNS)'])
  })
  test('a program that fails or is cut short is never health', async () => {
    expect(await probeFromNode(toolbox(() => '', 2), here, [there], deadline)).toEqual([expect.stringContaining('could not be run')])
    expect(readBatch(lines('b', { id: 'dns', class: 'OK' }), 'b', 2)).toEqual({ broken: 'its output ends early' })
    expect(readBatch(lines('other', { id: 'dns', class: 'OK' }), 'b', 1)).toEqual({ broken: 'its output ends early' })
    expect(readBatch('{"id":"dns"', 'b', 1)).toEqual({ broken: 'its output is not JSON' })
  })
})
