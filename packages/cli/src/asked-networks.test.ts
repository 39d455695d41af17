import { flannelInstaller } from '@hoplab/cni/flannel'
import { routesInstaller } from '@hoplab/cni/routes'
import { Deadline, HopError } from '@hoplab/core'
import { optionsText } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import { askedNetworks, installable, networksToProve, type ProbeAll } from './asked-networks.ts'
import type { FlagValues } from './context.ts'
import { installerOf } from './implementations.ts'
import { buildProgram } from './program.ts'

/** What a machine says that cannot install a network. */
const unready = { ready: false as const, reasons: [{ what: 'No image.', fix: 'Build it.' }] }

/** As typed, through the command table: what commander makes of a list is part of it. */
const asked = (...argv: string[]) => read('matrix', argv, async (context) =>
  (await askedNetworks(context, 'local')).map(({ installer, proxyMode }) => [installer.name, optionsText(installer.options), proxyMode].filter(Boolean).join(' ')))

type Reads = (context: Parameters<typeof askedNetworks>[0]) => Promise<string[]>
async function read(command: string, argv: readonly string[], work: Reads): Promise<string[] | Pick<HopError, 'code' | 'exitCode' | 'message'>> {
  let flags: FlagValues = {}
  const program = buildProgram(async (_entry, _args, given) => { flags = given }, { out: () => {}, err: () => {} }, '0')
  await program.parseAsync([command, ...argv], { from: 'user' })
  using deadline = Deadline.start('asked networks', 280_000)
  try {
    return await work({ flags, deadline, say: () => {} })
  } catch (error) {
    if (!(error instanceof HopError)) throw error
    return { code: error.code, exitCode: error.exitCode, message: error.message }
  }
}

describe('networks to compare', () => {
  test('are asked in the order of the list, each in every proxy mode', async () => {
    expect(await asked('--cni', 'routes,flannel')).toEqual(['routes iptables', 'flannel iptables'])
    expect(await asked('--cni', 'routes', '--cni', 'calico', '--proxy-mode', 'nftables,iptables')).toEqual(['routes nftables', 'routes iptables', 'calico nftables', 'calico iptables'])
    expect(await asked('--cni', ' flannel, routes ')).toEqual(['flannel iptables', 'routes iptables'])
  })
  test('stand beside themselves with each option that is named for them', async () => {
    expect(await asked('--cni', 'flannel,routes,calico', '--cni-option', 'vxlanMode=CrossSubnet,backend=host-gw', '--cni-option', 'directRouting=true')).toEqual([
      'flannel iptables', 'flannel backend=host-gw iptables', 'flannel directRouting=true iptables', 'routes iptables', 'calico iptables', 'calico vxlanMode=CrossSubnet iptables'])
    expect(await asked('--cni', 'calico', '--cni-option', 'vxlanMode=CrossSubnet', '--proxy-mode', 'iptables,nftables')).toEqual(['calico iptables', 'calico nftables', 'calico vxlanMode=CrossSubnet iptables', 'calico vxlanMode=CrossSubnet nftables'])
  })
  test.each([
    ['none named', [], 'HOP_USAGE', 'No network was named to compare.'], ['an unknown one', ['--cni', 'flannel,cilium'], 'HOP_NOT_OFFERED', 'The CNI "cilium" is not offered here.'], ['an empty list', ['--cni='], 'HOP_USAGE', '--cni names nothing.'],
    ['an empty place', ['--cni', 'flannel,,routes'], 'HOP_USAGE', '--cni has an empty place in its list: "flannel,,routes".'], ['one twice', ['--cni', 'routes', '--cni', 'routes'], 'HOP_USAGE', '--cni names "routes" twice.'],
    ['an unknown proxy mode', ['--cni', 'routes', '--proxy-mode', 'iptables,ipvs'], 'HOP_NOT_OFFERED', 'kube-proxy in "ipvs" mode is not offered here.'], ['a proxy mode twice', ['--cni', 'routes', '--proxy-mode', 'iptables,iptables'], 'HOP_USAGE', '--proxy-mode names "iptables" twice.'],
    ['no proxy mode', ['--cni', 'routes', '--proxy-mode='], 'HOP_USAGE', '--proxy-mode names nothing.'], ['all and another', ['--cni', 'all,routes'], 'HOP_USAGE', '"--cni all" stands for every network, and others are named beside it.'],
    ['an option of none', ['--cni', 'flannel', '--cni-option', 'constructor=x'], 'HOP_USAGE', '--cni-option "constructor=x" names no option of any network.'],
    ['an option of another', ['--cni', 'flannel', '--cni-option', 'vxlanMode=CrossSubnet'], 'HOP_USAGE', '--cni-option "vxlanMode=CrossSubnet" is an option of calico, which is not compared.'],
    ['an option with a value that there is not', ['--cni', 'flannel', '--cni-option', 'backend=bridge'], 'HOP_USAGE', '--cni-option "backend=bridge": backend of flannel is one of vxlan, host-gw.'],
    ['an option that changes nothing', ['--cni', 'flannel', '--cni-option', 'backend=vxlan'], 'HOP_USAGE', '--cni-option "backend=vxlan" is what flannel does by default, and that is compared anyway.'],
    ['an option twice', ['--cni', 'flannel', '--cni-option', 'backend=host-gw,backend=host-gw'], 'HOP_USAGE', '--cni-option names "backend=host-gw" twice.'],
    ['what every object has', ['--cni', 'constructor'], 'HOP_NOT_OFFERED', 'The CNI "constructor" is not offered here.'],
  ])('that are wrong are refused with one clear error: %s', async (_how, argv, code, message) => {
    expect(await asked(...argv)).toEqual({ code, exitCode: 2, message })
  })
  const [flannel, routes] = [flannelInstaller(), routesInstaller()]
  const named = (...probed: Parameters<typeof installable>[0]) => {
    const said: string[] = []
    return [installable(probed, (text) => said.push(text)).map(({ name }) => name), said]
  }
  test('that cannot be installed here are told of and left out of "all"', () => {
    expect(named({ installer: flannel, ready: true }, { installer: routes, ...unready })).toEqual([['flannel'], ['routes is left out: No image. Build it.']])
  })
  test('stay in "all" where none can be installed, so that the comparison is refused and not empty', () => {
    expect(named({ installer: flannel, ...unready }, { installer: routes, ...unready })).toEqual([['flannel', 'routes'], []])
  })
})

describe('networks to prove a lab on', () => {
  const machineWith = (...has: string[]): ProbeAll => async (names) =>
    Promise.all(names.map(async (name) => ({ installer: await installerOf(name), ...(has.includes(name) ? { ready: true as const } : unready) })))
  const proveOn = (machine: ProbeAll, ...argv: string[]) => read('prove', ['first-packet', ...argv], async (context) =>
    (await networksToProve(context, { cnis: ['routes', 'flannel'] }, 'auto', machine)).map(({ cni, proxyMode }) => `${cni} ${proxyMode}`))
  const toProve = (...argv: string[]) => proveOn(machineWith('flannel', 'routes', 'calico'), ...argv)
  test('are the first it names, or those that are asked for, in every proxy mode', async () => {
    expect(await toProve()).toEqual(['routes iptables'])
    expect(await toProve('--proxy-mode', 'iptables,nftables')).toEqual(['routes iptables', 'routes nftables'])
    expect(await toProve('--cni', 'flannel')).toEqual(['flannel iptables'])
    expect(await toProve('--cni', 'calico,flannel')).toEqual(['calico iptables', 'flannel iptables'])
  })
  test('are of "all" the lab\'s own, in its order', async () => {
    expect(await toProve('--cni', 'all', '--proxy-mode', 'nftables')).toEqual(['routes nftables', 'flannel nftables'])
    expect(await proveOn(machineWith('flannel', 'calico'), '--cni', 'all')).toEqual(['flannel iptables'])
  })
  test('are of "all" every one where none can be installed, so that whoever takes them says why', async () => {
    expect(await proveOn(machineWith(), '--cni', 'all')).toEqual(['routes iptables', 'flannel iptables'])
  })
  test.each([
    ['an option of one of several', ['--cni', 'flannel,routes', '--cni-option', 'backend=host-gw'], 'HOP_USAGE', '--cni-option is how one network does its work, and several are to be proven on.'],
    ['all and another', ['--cni', 'all,routes'], 'HOP_USAGE', '"--cni all" stands for every network, and others are named beside it.'],
    ['an unknown proxy mode', ['--proxy-mode', 'ipvs'], 'HOP_NOT_OFFERED', 'kube-proxy in "ipvs" mode is not offered here.'],
  ])('that are wrong are refused: %s', async (_how, argv, code, message) => {
    expect(await toProve(...argv)).toEqual({ code, exitCode: 2, message })
  })
})
