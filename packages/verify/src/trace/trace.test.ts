import { traceResult, type TraceResult } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import { follow, replay } from '../../test/recorded-trace.ts'
import { brokenHopOf } from './broken/broken-hop.ts'
import { masqueradeFault } from './broken/masquerade.ts'
import { tell } from './trace.ts'
import { watchRequests } from './window.ts'

const path = ({ hops }: TraceResult, direction: 'request' | 'reply'): string[] => hops.filter((hop) => hop.direction === direction).map(({ where, kind, seen }) => `${where} ${kind} ${seen}`)

describe('a request to a Service whose endpoint is on another node', () => {
  test('is followed from the client to the server and back, every hop with what was caught there', async () => {
    const { result } = await follow('far')
    expect(traceResult.parse(result)).toEqual(result)
    expect(path(result, 'request')).toEqual([
      'Pod tr/client client captured', 'worker-1 veth captured', 'worker-1 service tracked', 'worker-1 conntrack tracked', 'worker-1 bridge captured', 'worker-1 tunnel captured',
      'worker-1 uplink captured', 'worker-2 uplink captured', 'worker-2 tunnel captured', 'worker-2 bridge captured', 'worker-2 veth captured', 'Pod tr/hello-b server captured'])
    expect(path(result, 'reply').at(-1)).toBe('Pod tr/client client captured')
    expect(result).toMatchObject({ outcome: { class: 'OK', status: 200 }, from: { name: 'Pod tr/client', node: 'worker-1' } })
    expect(result.captures.every(({ proven }) => proven)).toBe(true)
    expect(result.firstBroken).toBeUndefined()
  })
  test('shows the addresses before and after the Service rule, its chains, and the tunnel\'s outside', async () => {
    const { result: { hops } } = await follow('far')
    const service = hops.find(({ kind }) => kind === 'service')
    expect(service?.before?.to).toBe('10.96.4.82:80')
    expect(service?.after?.to).toBe('10.244.1.7:8080')
    expect(service?.name).toMatch(/^KUBE-SVC-[A-Z0-9]+, then KUBE-SEP-[A-Z0-9]+$/u)
    expect(hops.find(({ kind }) => kind === 'uplink')?.outer).toMatchObject({ from: expect.stringMatching(/^172\.28\.0\.5:\d+$/u), to: '172.28.0.3:8472', vni: 1 })
  })
  test('without the packets of one node, the hops there are inferred and its capture proves nothing', async () => {
    const { result } = await follow('far', (stdout, node) => (node === 'hoplab-dev-worker2' ? stdout.replace(/^pcap node \S*$/mu, 'pcap node ') : stdout))
    expect(path(result, 'request').slice(-3)).toEqual(['worker-2 uplink inferred', 'worker-2 veth inferred', 'Pod tr/hello-b server captured'])
    expect(result.captures).toContainEqual({ where: 'worker-2', proven: false, packets: 0 })
  })
  test('without the kernel\'s record the Service rule is known from the packets alone', async () => {
    const { result } = await follow('far', (stdout) => stdout.replace(/^conntrack \S*$/mu, 'conntrack '))
    expect(path(result, 'request').filter((hop) => /service|conntrack/u.test(hop))).toEqual(['worker-1 service captured'])
  })
  test('a capture whose control packets are missing proves nothing', async () => {
    const { result } = await follow('far', (stdout) => stdout.replaceAll(/^said (\S+) \S*$/gmu, `said $1 ${btoa('3 packets dropped by kernel')}`))
    expect(result.captures.map(({ proven }) => proven)).toEqual([false, false, false, false])
  })
  test('cut or foreign output counts nothing', async () => {
    await expect(follow('far', (stdout) => stdout.replace(/^end .*$/mu, ''))).rejects.toThrow('its output has no end')
    await expect(follow('far', (stdout) => `who says this\n${stdout}`)).rejects.toThrow('it printed who says this')
  })
  test('its packets are one file whose interfaces are named after where they were caught', async () => {
    const { pcap } = await follow('far')
    const text = new TextDecoder('latin1').decode(pcap)
    expect([...pcap.subarray(0, 4)]).toEqual([0x0a, 0x0d, 0x0d, 0x0a])
    for (const place of ['worker-1 flannel.1', 'worker-2 cni0', 'worker-1 Pod tr/client eth0']) expect(text).toContain(place)
    // Caught on the node in the clear and inside the tunnel, on both nodes and in both Pods.
    expect(text.split('X-Hoplab-Nonce: trace-').length - 1).toBeGreaterThanOrEqual(8)
  })
})

test('the bridge whose ports a packet passes is named at them, for the bridge itself does not see it', async () => {
  const withMaster = (text: string): string => text.replaceAll(/"ifname": "veth/gu, '"master": "weave", "ifname": "veth')
  const { result } = await follow('near', (stdout) => stdout.replaceAll(/^(links node) (\S*)$/gmu, (_line, name: string, text: string) => `${name} ${btoa(withMaster(atob(text)))}`))
  expect(result.hops.filter(({ kind }) => kind === 'veth').map(({ what }) => /at a port of the bridge (\S+)$/u.exec(what)?.[1])).toEqual(['weave', 'weave', 'weave', 'weave'])
})

test('between two Pods of one node the packet passes two cables and no bridge address, no tunnel', async () => {
  const { result } = await follow('near')
  expect(path(result, 'request')).toEqual([
    'Pod tr/client client captured', 'worker-1 veth captured', 'worker-1 conntrack tracked', 'worker-1 veth captured', 'Pod tr/hello-a server captured'])
  expect(result.hops.map(({ what }) => what)).not.toContainEqual(expect.stringContaining('bridge'))
  expect(result.hops.some(({ kind }) => kind === 'tunnel' || kind === 'uplink')).toBe(false)
})

test('a node\'s own request is masqueraded on its way to a Service', async () => {
  const { result } = await follow('node')
  expect(path(result, 'request').slice(0, 5)).toEqual(['worker-1 client tracked', 'worker-1 service tracked', 'worker-1 conntrack tracked', 'worker-1 masquerade tracked', 'worker-1 tunnel captured'])
  const masquerade = result.hops.find(({ kind }) => kind === 'masquerade')
  expect(masquerade?.before?.from).toMatch(/^172\.28\.0\.5:/u)
  expect(masquerade?.after?.from).toMatch(/^10\.244\.2\.0:/u)
})

describe('where a packet is lost', () => {
  test('a rule that drops is named with its chain, its node and its counter', async () => {
    const { result } = await follow('drop')
    expect(result).toMatchObject({ outcome: { class: 'TIMEOUT' }, firstBroken: { hop: 'FORWARD on worker-2', decidedBy: expect.stringMatching(/^DROP in chain FORWARD of table filter \(rule "-p tcp -m tcp --dport 8080 -j DROP"\), counter \+\d+ on worker-2$/u) } })
    expect(path(result, 'request').at(-1)).toBe('worker-2 tunnel captured')
    expect(path(result, 'reply')).toEqual([])
  })
  test('a rule of another table, chain or port is not blamed for it', async () => {
    // Nobody is blamed by name then; the node itself, which was not asked when this was recorded, says that its way is in order.
    const inOrder = (forwarding: string) => `forward ${btoa(forwarding)}\nroute ${btoa('10.244.1.7 dev cni0')}\nneighbours \nfdb \nproxy \nend x`
    const told = (forwarding: string) => follow('drop', (stdout) => (stdout === '' ? inOrder(forwarding) : stdout).replace(/^(before-rules|after-rules) (\S*)$/gmu, (_line, key: string, rules: string) => `${key} ${btoa(atob(rules).replaceAll('--dport 8080 -j DROP', '--dport 9090 -j DROP'))}`))
    expect((await told('1\n')).result.firstBroken?.hop).toBe('forwarding on worker-2')
    expect((await told('1\n0\n')).result.firstBroken).toMatchObject({ hop: 'forwarding of flannel.1 on worker-2', decidedBy: expect.stringContaining('net.ipv4.conf.flannel.1.forwarding is 0') })
    expect((await told('0\n0\n')).result.firstBroken?.hop).toBe('ip_forward on worker-2')
  })
  test('a tunnel without a forwarding entry is named with both nodes', async () => {
    const { result } = await follow('fdb')
    expect(result.firstBroken).toMatchObject({ hop: 'VXLAN worker-1 → worker-2', decidedBy: expect.stringContaining('has no forwarding entry (FDB) for 46:aa:08:a8:ee:de') })
    expect(path(result, 'request').at(-1)).toBe('worker-1 tunnel captured')
  })
  test('nothing is claimed where the capture at the next hop proves nothing', async () => {
    const { result } = await follow('fdb', (stdout) => stdout.replaceAll(/^said (\S+) \S*$/gmu, `said $1 ${btoa('1 packet dropped by kernel')}`))
    expect(result.outcome.class).toBe('TIMEOUT')
    expect(result.firstBroken).toBeUndefined()
  })
  test('a source that was replaced on the way is named with the rule that did it', async () => {
    const { round, asked, identity } = replay('masquerade')
    const seen = await watchRequests(round, asked, { attempts: 1, boundMs: 1_000, identity })
    const [attempt] = seen.attempts
    if (!attempt) throw new Error('no attempt was recorded')
    const told = tell(round, asked, seen, attempt)
    expect(told.class).toBe('OK')
    expect(masqueradeFault(told, seen)).toMatchObject({ hop: 'masquerade on worker-1', decidedBy: expect.stringMatching(/^on worker-1 the source 10\.244\.2\.8 was replaced by 10\.244\.2\.0: MASQUERADE in chain POSTROUTING .*-s 10\.244\.0\.0\/16 -d 10\.244\.0\.0\/16 -j MASQUERADE"\), counter \+\d+$/u) })
  })
})

describe('without the capture in the Pod that was chosen', () => {
  const withoutServer = async (recording: string, change?: (stdout: string) => string) => {
    const { round, asked, identity } = replay(recording, change)
    const all = await watchRequests(round, asked, { attempts: 1, boundMs: 1_000, identity })
    const seen = { ...all, attempts: all.attempts.map((attempt) => ({ ...attempt, exitCode: 28, status: 0 })), captures: all.captures.filter(({ place, node }) => place === 'node' || node === asked.origin.node) }
    const [attempt] = seen.attempts
    if (!attempt) throw new Error('no attempt was recorded')
    const told = tell(round, asked, seen, attempt)
    return { told, broken: await brokenHopOf(round, asked, told, seen) }
  }
  test('it is not taken for one on its node\'s network: that the request arrived in it is not said', async () => {
    const other = (stdout: string): string => stdout.replace(/^(before-rules|after-rules) (\S*)$/gmu, (_line, key: string, rules: string) => `${key} ${btoa(atob(rules).replaceAll('--dport 8080 -j DROP', '--dport 9090 -j DROP'))}`)
    const { told, broken } = await withoutServer('drop', other)
    expect(told.server).toMatchObject({ name: 'Pod tr/hello-b', own: undefined, host: { node: 'hoplab-dev-worker2' } })
    expect(told.gap).toMatchObject({ direction: 'request', last: { stage: { name: 'server-tunnel' } }, proven: false })
    expect(broken).toBeUndefined()
  })
  test('what was lost before its node is named all the same', async () => {
    expect((await withoutServer('fdb')).broken).toMatchObject({ hop: 'VXLAN worker-1 → worker-2' })
  })
})
