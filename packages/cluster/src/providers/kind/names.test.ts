import { describe, expect, test } from 'vitest'
import { nodeNameOf, positionOf, positions, toolboxName } from './names.ts'

describe('names of a cluster', () => {
  test('positions become the container names that kind gives', () => {
    expect(positions(3).map((position) => nodeNameOf('a', position))).toEqual(['hoplab-a-control-plane', 'hoplab-a-worker', 'hoplab-a-worker2', 'hoplab-a-worker3'])
    expect(toolboxName('a', 'worker-2')).toBe('hoplab-a-toolbox-worker-2')
  })
  test('a node is found by position and by Node name', () => {
    expect(positionOf('a', 2, 'worker-2')).toBe('worker-2')
    expect(positionOf('a', 2, 'hoplab-a-worker2')).toBe('worker-2')
  })
  test('an unknown node is a mistake that lists the known ones', () => {
    const why = 'This cluster has control-plane, worker-1.'
    expect(() => positionOf('a', 1, 'worker-2')).toThrow(expect.objectContaining({ facts: expect.objectContaining({ code: 'HOP_NODE_UNKNOWN', exitCode: 2, why }) }))
  })
})
