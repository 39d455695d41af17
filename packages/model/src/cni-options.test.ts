import { describe, expect, test } from 'vitest'
import { chosenOptions, cniOptions, optionsText, optionValues } from './cni-options.ts'

describe('options of CNIs', () => {
  test('what is by default is chosen by nobody, so that two ways of writing one network are one', () => {
    expect(chosenOptions('flannel', { backend: 'vxlan', directRouting: false })).toBeUndefined()
    expect(chosenOptions('flannel', undefined)).toBeUndefined()
    expect(chosenOptions('flannel', { backend: 'host-gw', directRouting: false })).toEqual({ flannel: { backend: 'host-gw' } })
    expect([optionsText({ flannel: { directRouting: true, backend: 'vxlan' } }), optionsText({ calico: { vxlanMode: 'CrossSubnet' } }), optionsText(undefined)]).toEqual(['backend=vxlan,directRouting=true', 'vxlanMode=CrossSubnet', ''])
  })
  test('their values are told with the default first, and a CNI without options has none', () => {
    expect([optionValues('flannel'), optionValues('calico'), optionValues('routes'), optionValues('constructor')])
      .toEqual([{ backend: ['vxlan', 'host-gw'], directRouting: ['false', 'true'] }, { vxlanMode: ['Always', 'CrossSubnet'] }, {}, {}])
  })
  test.each([
    [{ flannel: { backend: 'udp' } }, ['flannel', 'backend']], [{ flannel: { backend: 'host-gw', directRouting: true } }, ['flannel', 'directRouting']], [{ calico: { vxlanMode: 'Never' } }, ['calico', 'vxlanMode']],
  ])('%j is one error at the place that is wrong', (written, path) => {
    expect(cniOptions.safeParse(written).error?.issues.map((issue) => issue.path)).toEqual([path])
  })
  test('an option that there is not, and options of a CNI without any, are refused', () => {
    expect([{ flannel: { mtu: 1_400 } }, { routes: {} }].map((written) => cniOptions.safeParse(written).success)).toEqual([false, false])
  })
})
