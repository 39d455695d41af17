import { Deadline } from '@hoplab/core'
import { describe, expect, test } from 'vitest'
import { replay } from '../../test/recorded-trace.ts'
import { segment, sleeved, syn as synFlag } from '../testing/fake-packets.ts'
import { helloLab } from '../testing/index.ts'
import { packetIn } from './capture/packet.ts'
import { readPcap } from './capture/pcap-file.ts'
import { sleevePackets } from './capture/sleeve.ts'
import { askedEnds } from './ends/resolve.ts'
import { explainReds } from './explain/explain-reds.ts'
import { isUnexplained } from './explain/red-paths.ts'
import { captureFilter } from './filter.ts'
import { hooksOf, readRules, risen } from './rules/iptables.ts'
import { iptablesServiceRule, serviceRule } from './rules/service-rule.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16))

describe('packets', () => {
  // 10.1.2.3:61000 → 10.96.0.1:80, SYN, sequence number 1.
  const syn = '4500002800014000400600000a0102030a600001ee48005000000001000000005002200000000000'
  test('a TCP segment is read with its ends, numbers and flags', () => {
    expect(packetIn(0x0800, hex(syn))).toMatchObject({ src: '10.1.2.3', dst: '10.96.0.1', ttl: 64, tcp: { from: '10.1.2.3:61000', to: '10.96.0.1:80', seq: 1, syn: true, acks: false, rst: false } })
  })
  test('an error (ICMP) tells which segment it is about', () => {
    const error = '450000380000000040010000ac1c0002ac1c00050303000000000000' + syn.slice(0, 56)
    expect(packetIn(0x0800, hex(error))?.icmp).toMatchObject({ type: 3, code: 3, aboutSeq: 1, about: { src: '10.1.2.3' } })
  })
  test('VXLAN is read only on its port and with a valid VNI', () => {
    const vxlan = (flags: string): Uint8Array => hex(`4500005a000040004011000${'0'}ac1c0005ac1c0003dead2118004600${'00'}${flags}000000000001000a0b0c0d0e0f0102030405060800${syn}`)
    expect(packetIn(0x0800, vxlan('08'), 8472)?.inside).toMatchObject({ vni: 1, packet: { tcp: { to: '10.96.0.1:80' } } })
    expect(packetIn(0x0800, vxlan('00'), 8472)?.inside).toBeUndefined()
    expect(packetIn(0x0800, vxlan('08'), 4789)?.inside).toBeUndefined()
  })
  test.each(['', '45', '6500', syn.slice(0, 30)])('%j is no packet, and does no harm', (text) => { expect(packetIn(0x0800, hex(text))).toBeUndefined() })
  test('a later fragment has no ports to read', () => { expect(packetIn(0x0800, hex(syn.replace('40004006', '00104006')))).not.toHaveProperty('tcp') })
  test('a file of another format is refused, one that is cut off ends earlier', () => {
    expect(() => readPcap(hex('0a0d0d0a'.repeat(8)))).toThrow('another format')
    expect(() => readPcap(hex('d4c3b2a1'))).toThrow('no header')
    const header = 'd4c3b2a1020004000000000000000000ffff000014010000'
    const record = '01000000020000000200000002000000abcd'
    expect(readPcap(hex(header + record + record.slice(0, 34)))).toHaveLength(1)
  })
})

describe('rules', () => {
  const to = { address: '10.96.0.9', port: 80, portName: '' }
  const listing = (count: number): string => `*filter\n:FORWARD DROP [0:0]\n[7:420] -A FORWARD -j KUBE-FORWARD\n[${count}:9] -A KUBE-FORWARD -p tcp -j DROP\n[1:60] -A KUBE-FORWARD -p tcp -j DROP\nCOMMIT`
  test('a counter that rose is told apart from an equal rule whose did not', () => {
    expect(risen(readRules(listing(2)), readRules(listing(5)))).toMatchObject([{ by: 3, rule: { chain: 'KUBE-FORWARD', target: 'DROP', packets: 5 } }])
  })
  test('the built-in chain that leads to a rule is found, and a circle ends', () => {
    expect(hooksOf(readRules(listing(1)), 'filter', 'KUBE-FORWARD')).toEqual(['FORWARD'])
    expect(hooksOf(readRules('*nat\n[0:0] -A A -j B\n[0:0] -A B -j A'), 'nat', 'A')).toEqual([])
  })
  test('a Service whose entry is gone is found by its name, and one that was never written is not', () => {
    const rules = readRules('*nat\n[0:0] -A KUBE-SVC-X -m comment --comment "tr/far -> 10.1.1.1:8080" -j KUBE-SEP-Y\n[0:0] -A KUBE-SEP-Y -p tcp -j DNAT --to-destination 10.1.1.1:8080')
    expect(iptablesServiceRule(rules, { ...to, name: 'tr/far' }, '10.1.1.1:8080')).toEqual({ service: 'KUBE-SVC-X', endpoint: 'KUBE-SEP-Y', targets: 1, detached: true })
    expect(iptablesServiceRule(rules, { ...to, name: 'tr/late' }, undefined)).toBeUndefined()
  })
  test.each([['tr/far', ''], ['tr/far', 'http'], ['tr/fa', '']])('the chain of another Service or port is not taken for that of %s, port %j', (name, portName) => {
    const rules = readRules(['tr/far-v2', 'tr/far:http-alt', 'tr/far-v2:http'].map((other, index) => `*nat\n[0:0] -A KUBE-SVC-${index} -m comment --comment "${other} -> 10.1.1.1:8080" -j KUBE-SEP-Y`).join('\n'))
    expect(iptablesServiceRule(rules, { ...to, name, portName }, undefined)).toBeUndefined()
  })
  test('the chain of a named port is found by both names', () => {
    const rules = readRules('*nat\n[0:0] -A KUBE-SVC-X -m comment --comment "tr/far:admin -> 10.1.1.1:9090" -j KUBE-SEP-X\n[0:0] -A KUBE-SVC-Y -m comment --comment "tr/far:http -> 10.1.1.1:8080" -j KUBE-SEP-Y')
    expect(iptablesServiceRule(rules, { ...to, name: 'tr/far', portName: 'http' }, undefined)).toMatchObject({ service: 'KUBE-SVC-Y', detached: true })
  })
  test('the entry of another protocol at the same number is not taken for ours', () => {
    const entry = (protocol: string, chain: string): string => `[0:0] -A KUBE-SERVICES -d 10.96.0.9/32 -p ${protocol} -m comment --comment "tr/far:${protocol} cluster IP" -m ${protocol} --dport 80 -j ${chain}`
    const rules = readRules(`*nat\n${entry('udp', 'KUBE-SVC-U')}\n${entry('tcp', 'KUBE-SVC-T')}`)
    expect(iptablesServiceRule(rules, { ...to, name: 'tr/far', portName: 'tcp' }, undefined)).toMatchObject({ service: 'KUBE-SVC-T', detached: false })
  })
})

test('in nftables mode the chains of a Service are found by its address, and by its name when nothing leads to them', () => {
  const rule = (chain: string, expr: object) => ({ rule: { chain, expr: [expr] } })
  const table = (elements: unknown[]): string => JSON.stringify({ nftables: [
    { map: { name: 'service-ips', elem: elements } },
    rule('service-ABC-tr/far/tcp/', { vmap: { key: { numgen: { mode: 'random', mod: 1, offset: 0 } }, data: { set: [[0, { goto: { target: 'endpoint-DEF-tr/far/tcp/__10.1.1.1/8080' } }]] } } }),
    rule('endpoint-DEF-tr/far/tcp/__10.1.1.1/8080', { dnat: { addr: '10.1.1.1', port: 8_080 } }),
  ] })
  const to = { address: '10.96.0.9', port: 80, name: 'tr/far', portName: '' }
  const found = { service: 'service-ABC-tr/far/tcp/', endpoint: 'endpoint-DEF-tr/far/tcp/__10.1.1.1/8080', targets: 1 }
  const entry = [{ concat: ['10.96.0.9', 'tcp', 80] }, { goto: { target: found.service } }]
  expect(serviceRule('nftables', { rules: [], table: table([entry]) }, to, '10.1.1.1:8080')).toEqual({ ...found, detached: false })
  expect(serviceRule('nftables', { rules: [], table: table([]) }, to, '10.1.1.1:8080')).toEqual({ ...found, detached: true })
  expect(serviceRule('nftables', { rules: [], table: table([]) }, { ...to, name: 'tr/late' }, undefined)).toBeUndefined()
  // Neither the end of a namespace nor another port is the whole name.
  expect(serviceRule('nftables', { rules: [], table: table([]).replaceAll('-tr/far/', '-my-tr/far/') }, to, undefined)).toBeUndefined()
  expect(serviceRule('nftables', { rules: [], table: table([]) }, { ...to, portName: 'http' }, undefined)).toBeUndefined()
  expect(serviceRule('nftables', { rules: [], table: '' }, to, undefined)).toBeUndefined()
})

describe('frames of Weave', () => {
  const plain = segment({ from: '10.244.1.2:40000', to: '10.244.2.2:8080', seq: 7, ack: 0, flags: synFlag, payload: '' })
  const payload = packetIn(0x0800, sleeved({ from: '172.28.0.3:6783', to: '172.28.0.4:6783' }, plain))!.udp!.payload
  test('are read one after another; what is no IPv4 packet is left out', () => {
    expect(sleevePackets(payload)).toMatchObject([{ src: '10.244.1.2', dst: '10.244.2.2', tcp: { from: '10.244.1.2:40000', seq: 7, syn: true } }])
    const name = payload.subarray(0, 6)
    const frames = payload.subarray(6)
    expect(sleevePackets(Uint8Array.from([...name, ...frames, ...frames]))).toHaveLength(2)
  })
  test('that are cut off, empty or noise do no harm', () => {
    for (let length = 0; length < payload.byteLength; length++) expect(sleevePackets(payload.subarray(0, length)).length).toBeLessThanOrEqual(1)
    expect(sleevePackets(payload.subarray(0, 60))).toEqual([])
    expect(sleevePackets(new Uint8Array(200))).toEqual([])
    expect(sleevePackets(Uint8Array.from({ length: 1_400 }, () => 0xff))).toEqual([])
  })
  test('are let through by the first one\'s ports, or because more follow it', () => {
    const filter = captureFilter({ own: [61_000, 61_063], to: [80], tunnel: { kind: 'udp', port: 6_783 } })
    // The inner packet begins 8 + 6 + 14 + 14 bytes behind the outer one's.
    expect(filter).toContain('udp dst port 6783 and (udp[51]=1 or (udp[51]=6 and ((udp[62:2]>=61000')
    expect(filter).toContain('or udp[4:2]>udp[26:2]+28')
  })
})

test('the filter lets through our own ports, handshakes at the destination\'s, errors, and the same inside VXLAN', () => {
  const filter = captureFilter({ own: [61_000, 61_063], to: [80, 8_080], tunnel: { kind: 'vxlan', port: 8_472 } })
  expect(filter).toContain('portrange 61000-61063')
  expect(filter).toContain('udp dst port 8472')
  expect(captureFilter({ own: [61_000, 61_063], to: [80], tunnel: undefined })).not.toContain('udp')
})

describe('what is typed', () => {
  const asked = (from: string, to: string) => askedEnds(replay('far').round, from, to)
  test('names, kinds, namespaces, addresses and nodes are understood', () => {
    expect(asked('client', 'far:80')).toMatchObject({ origin: { name: 'Pod tr/client' }, goal: { name: 'Service tr/far:80', address: '10.96.4.82', asked: 'far' } })
    expect(asked('tr/client', 'service/tr/far')).toMatchObject({ goal: { name: 'Service tr/far:80' } })
    expect(asked('pod/client', '10.244.1.7:8080')).toMatchObject({ goal: { name: 'Pod tr/hello-b:8080' } })
    expect(asked('node/worker-1', 'svc/far')).toMatchObject({ origin: { name: 'node worker-1', node: 'hoplab-dev-worker' }, goal: { asked: undefined } })
    expect(asked('hello', 'pod/hello-b:8080')).toMatchObject({ origin: { name: expect.stringMatching(/^Pod tr\/hello-/u) } })
  })
  test.each([
    ['clinet', 'far:80', 'HOP_TRACE_END_UNKNOWN', 'FROM "clinet": there is no Pod clinet in the namespace tr.', 'Did you mean "client"?'],
    ['client', 'service/fra:80', 'HOP_TRACE_END_UNKNOWN', 'TO "service/fra:80": there is no Service fra in the namespace tr.', 'Did you mean "far"?'],
    ['node/worker-9', 'far', 'HOP_TRACE_END_UNKNOWN', 'FROM "node/worker-9": there is no node worker-9.', 'Did you mean "worker-1"?'],
    ['client', 'pod/hello-a', 'HOP_TRACE_END_UNUSABLE', 'TO "pod/hello-a" names no port.', 'Add one: "pod/hello-a:80".'],
    ['client', 'far:0', 'HOP_TRACE_END_UNUSABLE', 'TO "far:0" has the port 0; ports go from 1 to 65535.', expect.stringContaining('service/hello:80')],
    ['service/far', 'far', 'HOP_TRACE_END_UNUSABLE', 'FROM "service/far" is a Service, and no request starts in one.', expect.stringContaining('pod/client')],
    ['client', 'what is this', 'HOP_TRACE_END_UNUSABLE', 'TO "what is this" cannot be read.', expect.stringContaining('service/hello:80')],
  ])('%s to %s is refused: %s', (from, to, code, what, fix) => {
    expect(() => asked(from, to)).toThrow(expect.objectContaining({ code, exitCode: 2, facts: expect.objectContaining({ what, fix }) }))
  })
})

describe('explaining what is red', () => {
  test('is for checks whose look knows no place, or only a path between nodes', () => {
    expect(isUnexplained({ spec: { kind: 'reach' } as never, firstBrokenHop: undefined })).toBe(true)
    expect(isUnexplained({ spec: { kind: 'dns' } as never, firstBrokenHop: 'path a → b' })).toBe(true)
    expect(isUnexplained({ spec: { kind: 'reach' } as never, firstBrokenHop: 'Service lab/hello:80' })).toBe(false)
    expect(isUnexplained({ spec: { kind: 'object' } as never, firstBrokenHop: undefined })).toBe(false)
  })
  test('never throws and never hangs: a toolbox that says nothing leaves the red as it was', async () => {
    const lab = helloLab()
    const silent = { ...lab, kube: lab.kube, nodes: lab.nodes, networkFacts: lab.networkFacts, namespaces: lab.namespaces, trustedImages: [], nobody: () => lab.nobody('pod-ip'), nodeName: (position: string) => position,
      shell: (node: string) => ({ node, exec: () => new Promise<never>(() => {}) }) }
    using deadline = Deadline.start('test', 400)
    const red = { spec: { kind: 'reach', from: { pod: { name: 'client' } }, to: { service: 'hello', port: 80 } } as never, firstBrokenHop: undefined }
    // The end of the whole verification may be thrown on; what must not happen is that this never ends.
    expect(await explainReds(silent, [red], deadline).catch(() => [undefined])).toEqual([undefined])
    using longer = Deadline.start('test', 280_000)
    const gone = { ...silent, shell: (node: string) => ({ node, exec: () => Promise.reject(new Error('no such container')) }) }
    expect(await explainReds(gone, [red], longer)).toEqual([undefined])
  })
})
