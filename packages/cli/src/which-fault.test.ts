import type { FaultMaterial } from '@hoplab/engine'
import { describe, expect, test } from 'vitest'
import { faultToBreak, faultToUndo } from './which-fault.ts'

const fault = (name: string, rest: object = {}) => ({ name, proxyModes: ['iptables', 'nftables'], ...rest }) as FaultMaterial
const faults = [fault('1-here'), fault('2-elsewhere', { cnis: ['calico'] }), fault('3-nft', { proxyModes: ['nftables'] }), fault('4-here')]
const standing = (...isIn: string[]) => ({ faults: isIn, cni: 'flannel' as const, proxyMode: 'iptables' as const })

describe('a fault to break', () => {
  test('is the one that is named', () => expect(faultToBreak('3', faults, standing())).toBe('3'))
  test('is any that the network has and that is not in', () => {
    expect(new Set(Array.from({ length: 64 }, () => faultToBreak('any', faults, standing())))).toEqual(new Set(['1-here', '4-here']))
    expect(faultToBreak('any', faults, standing('1-here'))).toBe('4-here')
  })
  test('cannot be drawn when all are in', () => expect(() => faultToBreak('any', faults, standing('1-here', '4-here'))).toThrow('Every fault that this lab has on this network is in.'))
})

describe('a fault to take back', () => {
  test('is the one that is named, else the only one that is in', () => {
    expect([faultToUndo('4', standing('1-here')), faultToUndo(undefined, standing('4-here')), faultToUndo('any', standing('4-here'))]).toEqual(['4', '4-here', '4-here'])
  })
  test('must be named when several are in, and is refused when none is', () => {
    expect(() => faultToUndo(undefined, standing('1-here', '4-here'))).toThrow('2 faults are in')
    expect(() => faultToUndo(undefined, standing())).toThrow('No fault is in.')
  })
})
