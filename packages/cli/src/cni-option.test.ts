import type { HopError } from '@hoplab/core'
import { describe, expect, test } from 'vitest'
import { askedOptions } from './cni-option.ts'
import type { FlagValues } from './context.ts'
import { buildProgram } from './program.ts'
import { refuseUnproven } from './refuse-unproven.ts'

/** As typed, through the command table. */
async function asked(...argv: string[]): Promise<unknown> {
  let flags: FlagValues = {}
  const program = buildProgram(async (_entry, _args, given) => { flags = given }, { out: () => {}, err: () => {} }, '0')
  await program.parseAsync(['up', 'first-packet', ...argv], { from: 'user' })
  try {
    return askedOptions({ flags }, String(flags.cni))
  } catch (error) { return [(error as HopError).code, (error as HopError).message] }
}

describe('--cni-option', () => {
  test('gives the options of the CNI, once or more often or with commas', async () => {
    expect(await asked('--cni', 'flannel')).toBeUndefined()
    expect(await asked('--cni', 'flannel', '--cni-option', 'backend=host-gw')).toEqual({ flannel: { backend: 'host-gw' } })
    expect(await asked('--cni', 'flannel', '--cni-option', 'backend=vxlan,directRouting=true')).toEqual({ flannel: { backend: 'vxlan', directRouting: true } })
    expect(await asked('--cni', 'flannel', '--cni-option', 'backend=vxlan', '--cni-option', 'directRouting=false')).toEqual({ flannel: { backend: 'vxlan', directRouting: false } })
    expect(await asked('--cni', 'calico', '--cni-option', 'vxlanMode=CrossSubnet')).toEqual({ calico: { vxlanMode: 'CrossSubnet' } })
  })
  test.each([
    ['a value that there is not', 'flannel', 'backend=bridge', '--cni-option "backend=bridge": backend of flannel is one of vxlan, host-gw.'],
    ['an option that there is not', 'calico', 'backend=vxlan', '--cni-option "backend=vxlan" names no option of calico: it has vxlanMode.'],
    ['what every object has', 'calico', 'constructor=x', '--cni-option "constructor=x" names no option of calico: it has vxlanMode.'],
    ['no value', 'flannel', 'backend', '--cni-option "backend" names no option of flannel: it has backend, directRouting.'],
    ['nothing', 'flannel', '', '--cni-option "" names no option of flannel: it has backend, directRouting.'],
    ['one twice', 'flannel', 'backend=vxlan,backend=host-gw', '--cni-option names "backend" twice.'],
    ['two that do not go together', 'flannel', 'backend=host-gw,directRouting=true', '--cni-option directRouting is an option of the backend vxlan: host-gw wraps nothing.'],
    ['a CNI without options', 'routes', 'backend=host-gw', 'The CNI "routes" has no options, and "--cni-option backend=host-gw" was given.'],
  ])('is refused with one clear error: %s', async (_what, cni, option, message) => {
    expect(await asked('--cni', cni, `--cni-option=${option}`)).toEqual(['HOP_USAGE', message])
  })
})

describe('a network that the lab was not proven on', () => {
  const lab = { id: 'x', cnis: ['flannel'], proxyModes: ['iptables'] } as const
  const refusal = async (more: object, options?: object): Promise<string | undefined> =>
    refuseUnproven({ ...lab, ...more } as never, { cni: 'flannel', proxyMode: 'iptables', ...(options ? { options: { flannel: options } } : {}) }).then(() => undefined, (error: HopError) => error.code)
  test('is one without a tunnel, where the lab is proven with one only', async () => {
    expect([await refusal({}, { backend: 'host-gw' }), await refusal({}, { directRouting: true }), await refusal({ cnis: ['flannel', 'calico'] }, { backend: 'host-gw' })]).toEqual(['HOP_NOT_OFFERED', 'HOP_NOT_OFFERED', 'HOP_NOT_OFFERED'])
  })
  test('is one with other options than the lab asks for', async () => {
    const own = { cnis: ['flannel', 'routes'], cniOptions: { flannel: { backend: 'host-gw' } } }
    expect([await refusal(own, { backend: 'vxlan' }), await refusal(own, { directRouting: true }), await refusal(own)]).toEqual(['HOP_NOT_OFFERED', 'HOP_NOT_OFFERED', undefined])
  })
  test('is none where some network of the lab has no tunnel either, where the lab asks for it, and with what is by default', async () => {
    expect([await refusal({ cnis: ['flannel', 'routes'] }, { backend: 'host-gw' }), await refusal({ cniOptions: { flannel: { backend: 'host-gw' } } }, { backend: 'host-gw' }), await refusal({}, { backend: 'vxlan' }), await refusal({})])
      .toEqual([undefined, undefined, undefined, undefined])
  })
})
