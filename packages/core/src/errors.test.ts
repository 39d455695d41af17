import { describe, expect, test } from 'vitest'
import { defineError, HopError, messageOf } from './errors.ts'

const HOP_TEST = defineError<{ pods: number }>('HOP_TEST', {
  exitCode: 3, what: (p) => `${p.pods} Pods are pending.`, why: 'No node is ready.', fix: 'Run "hoplab doctor".', state: 'Nothing was deleted.',
})

describe('defineError', () => {
  test('makes an error that carries every fact', () => {
    const cause = new TypeError('socket')
    const error = HOP_TEST({ pods: 3 }, { cause, position: { file: 'lab.yaml', line: 2 }, evidence: '/e' })
    expect(error).toBeInstanceOf(HopError)
    expect(error.cause).toBe(cause)
    expect(error.facts).toEqual({
      code: 'HOP_TEST', exitCode: 3, what: '3 Pods are pending.', why: 'No node is ready.', fix: 'Run "hoplab doctor".',
      state: 'Nothing was deleted.', position: { file: 'lab.yaml', line: 2 }, evidence: '/e',
    })
  })
  test('leaves out what is not known', () => {
    expect(Object.keys(HOP_TEST({ pods: 1 }).facts)).not.toContain('position')
  })
  test('evidence can be added later without losing the cause', () => {
    const later = HOP_TEST({ pods: 1 }, { cause: 'c' }).withEvidence('/kept')
    expect(later.facts).toMatchObject({ code: 'HOP_TEST', evidence: '/kept' })
    expect(later.cause).toBe('c')
  })
})

test('messageOf takes whatever was thrown', () => {
  expect([new Error('e'), 'text', undefined].map(messageOf)).toEqual(['e', 'text', 'undefined'])
})
