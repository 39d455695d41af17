import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => {
  lab = helloLab()
  lab.kube.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } })
  lab.kube.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'kubernetes', namespace: 'default' }, spec: { clusterIP: '10.96.0.1', ports: [{ port: 443 }] } })
  lab.kube.put({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } }, ports: [{ port: 6443 }], endpoints: [{ addresses: ['172.20.0.2'] }] })
})
const look = async (over: object = {}) => (await lab.verify([{ kind: 'rules', service: 'hello', port: 80, ...over }]))[0]
const onA = (change: (listing: string) => string) => { lab.rules.spoil = (listing, node) => (node === 'a' ? change(listing) : listing) }
const lines = (drop: RegExp) => onA((listing) => listing.split('\n').filter((line) => !drop.test(line)).join('\n'))
const third = () => { lab.pod({ name: 'hello-c', node: 'b', ip: '10.244.2.12', labels: { app: 'hello' } }); lab.network.syncSlices() }

describe('rules in iptables mode fail where a rule before kube-proxy\'s takes the packets of Pods', () => {
  test.each(['-d 10.96.1.1/32 -p tcp -m tcp --dport 80 -j ACCEPT', '-s 10.244.1.10/32 -d 10.96.0.0/16 -j RETURN', '-p tcp -m multiport --dports 22,79:81 -j ACCEPT', '-p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.1.11:8080'])('%s', async (rule) => {
    onA((listing) => listing.replace('[1:60] -A PREROUTING', `[0:0] -A PREROUTING ${rule}\n[1:60] -A PREROUTING`))
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^On a PREROUTING has a rule before KUBE-SERVICES that takes such packets \((?:ACCEPT|RETURN|DNAT)\)\.$/u) })
  })
  test.each(['-d 10.96.1.2/32 -j ACCEPT', '! -d 10.96.0.0/16 -j RETURN', '-p udp -j ACCEPT', '-p tcp -m multiport --dports 22,8000:8080 -j ACCEPT', '-p tcp -m tcp ! --dport 80 -j RETURN', '-m addrtype --dst-type LOCAL -j RETURN', '-j cali-PREROUTING'])('but not for %s', async (rule) => {
    onA((listing) => listing.replace('[1:60] -A PREROUTING', `[0:0] -A PREROUTING ${rule}\n[1:60] -A PREROUTING`))
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
})

describe.each(['iptables', 'nftables'] as const)('rules in %s mode', (proxyMode) => {
  beforeEach(() => { lab.networkFacts = { ...lab.networkFacts, proxyMode } })
  test('pass where every node leads evenly to exactly the endpoints, and show that they are used', async () => {
    third()
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', why: 'On 3 nodes the rules of Service lab/hello:80 lead evenly to exactly its endpoints, and were used.' })
    expect(result?.evidence[0]?.observed).toContain('10.244.1.11:8080 33.33 %, 10.244.2.11:8080 33.33 %, 10.244.2.12:8080 33.33 %')
    expect(result?.evidence.filter(({ witness }) => witness === (proxyMode === 'iptables' ? 'counter' : 'conntrack'))).toHaveLength(3)
  })
  test('fail on one node that still knows only the endpoints of before, naming it', async () => {
    let stale = ''
    onA((listing) => (stale = listing))
    expect(await look()).toMatchObject({ verdict: 'pass' })
    third()
    onA(() => stale)
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'On a no rule leads to 10.244.2.12:8080.', firstBrokenHop: 'rule of Service lab/hello:80 on a' })
  })
  test.each([['does not run', { up: false }, 'nobody answers at'], ['is not well', { health: 503 }, 'says 503']])('name kube-proxy where it %s and the rules are those of before', async (_name, harm, said) => {
    let stale = ''
    onA((listing) => (stale = listing))
    await look()
    third()
    onA(() => stale)
    Object.assign(lab.proxy.on('a'), harm)
    const result = await look()
    expect(result).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^On a no rule leads to 10\.244\.2\.12:8080, and kube-proxy /u), firstBrokenHop: 'kube-proxy on a' })
    expect(result?.why).toContain(said)
  })
  test('name kube-proxy for a Service that it has never written, though it says that it is well', async () => {
    let stale = ''
    onA((listing) => (stale = listing))
    await look()
    lab.service('fresh', '10.96.1.9', { app: 'hello' })
    onA(() => stale)
    expect(await look({ service: 'fresh' })).toMatchObject({ verdict: 'fail', why: 'On a kube-proxy has written nothing for it, while the rules of Service default/kubernetes are there.', firstBrokenHop: 'kube-proxy on a' })
  })
  test('fail on a rule that leads elsewhere', async () => {
    onA((listing) => listing.replaceAll(/--to-destination 10\.244\.2\.11:8080|"addr":"10\.244\.2\.11"/gu, (found) => found.replace('10.244.2.11', '10.244.2.99')))
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'On a no rule leads to 10.244.2.11:8080.' })
  })
  test('fail where the address is unknown, telling one missing Service from no rules at all', async () => {
    onA((listing) => listing.replaceAll('10.96.1.1', '10.96.1.2'))
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'On a no rule knows the address, while those of Service default/kubernetes are there.', firstBrokenHop: 'rule of Service lab/hello:80 on a' })
    onA(() => (proxyMode === 'iptables' ? lab.rules.legacy : '{"nftables":[]}'))
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^On a kube-proxy has written no rules at all/u), firstBrokenHop: 'kube-proxy on a' })
  })
  test('fail where they still refuse, though there are endpoints', async () => {
    lab.service('hello', '10.96.1.1', { app: 'none' })
    const old = { listing: '' }
    lab.rules.spoil = (listing, node) => (node === 'b' ? (old.listing ||= listing) : listing)
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('has no endpoint'), firstBrokenHop: 'Service lab/hello:80' })
    lab.service('hello', '10.96.1.1', { app: 'hello' })
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'On b the rules still refuse, although there are endpoints.' })
  })
  test('fail where the hooks do not lead there', async () => {
    onA((listing) => listing.replace(/.*-A OUTPUT .*\n/u, '').replace('"chain":"nat-output"', '"chain":"other"'))
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^On a (OUTPUT|nat-output) does not lead to/u) })
  })
  test('fail where something else takes the packets', async () => {
    lab.rules.idle = true
    lab.network.weather.untracked = true
    expect(await look({ within: 2 })).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/something else takes the packets|the kernel translated none/u) })
  })
  test('are inconclusive when the listing is cut off, or the program is missing', async () => {
    lab.rewrite = (_node, argv, printed) => (argv.at(-1) === 'iptables-save' || argv[0] === 'nft' ? { ...printed, stdout: printed.stdout.slice(0, -8) } : printed)
    expect(await look()).toMatchObject({ verdict: 'inconclusive' })
    lab.rewrite = (_node, argv, printed) => (argv.at(-1) === 'iptables-save' || argv[0] === 'nft' ? { exitCode: 127, stdout: '', stderr: 'sh: not found' } : printed)
    expect(await look()).toMatchObject({ verdict: 'inconclusive' })
  })
  test('fail without the Service or its port', async () => {
    expect(await look({ service: 'gone' })).toMatchObject({ verdict: 'fail', why: 'There is no Service lab/gone.' })
    expect(await look({ port: 81 })).toMatchObject({ verdict: 'fail', why: 'Service lab/hello has no TCP port 81, so no node has rules for it.' })
  })
  test('wait for kube-proxy of every node', async () => {
    lab.lateProxies.add('b')
    expect(await look()).toMatchObject({ verdict: 'fail', firstBrokenHop: 'kube-proxy on b' })
  })
})

describe('rules in iptables mode', () => {
  test('pass with unequal-looking probabilities, which are right, and with session affinity', async () => {
    third()
    const service = lab.kube.objects.get('v1 Service lab/hello')
    if (service) lab.kube.put({ ...service, spec: { ...(service.spec as object), sessionAffinity: 'ClientIP' } })
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
  test('fail on a cascade with the same probability in every rule', async () => {
    third()
    onA((listing) => listing.replace('--probability 0.50000000000', '--probability 0.33333333349'))
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'On a 10.244.2.11:8080 gets 22.22 % of the connections, not 33.33 %.' })
  })
  test('fail on a skew that no count of requests would show', async () => {
    onA((listing) => listing.replace('--probability 0.50000000000', '--probability 0.50001000000'))
    expect(await look()).toMatchObject({ verdict: 'fail' })
  })
  test('fail where the last rule is gone and connections fall through', async () => {
    lines(/^\[\d+:0\] -A KUBE-SVC-\d+ .*10\.244\.2\.11:8080" -j/u)
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^On a 50\.00 % of the connections pass KUBE-SVC-\d+ without an endpoint\.$/u) })
  })
  test('fail on a rule with a condition of its own', async () => {
    onA((listing) => listing.replace(/(-A KUBE-SVC-\d+) (-m comment --comment "lab\/hello -> 10\.244\.2\.11:8080")/u, '$1 -s 10.244.9.9/32 $2'))
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('a condition that kube-proxy does not write (-s)') })
  })
  test('fail on a rule before all of them that takes the packets', async () => {
    onA((listing) => listing.replace('[1:60] -A PREROUTING', '[0:0] -A KUBE-SERVICES -d 10.96.1.1/32 -j RETURN\n[1:60] -A PREROUTING'))
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('RETURN is no chain') })
  })
  test('are read from the iptables that kube-proxy writes to, not from leftovers of the other', async () => {
    lab.rules.spoil = (listing) => `*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT\n${lab.rules.legacy}${listing.replace(lab.rules.legacy, '')}`
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass' })
    expect(result?.evidence[0]?.observed).toContain('iptables-legacy')
  })
})

describe('rules in nftables mode', () => {
  beforeEach(() => { lab.networkFacts = { ...lab.networkFacts, proxyMode: 'nftables' } })
  test('pass where every endpoint refuses, of which the kernel keeps no record', async () => {
    Object.assign(lab.network.weather, { untracked: true })
    for (const name of ['hello-a', 'hello-b']) lab.network.weather.listening.set(name, [])
    const result = await look({ within: 1 })
    expect(result).toMatchObject({ verdict: 'pass' })
    expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'client', observed: 'from a, directly: 10.244.1.11:8080 REFUSED, 10.244.2.11:8080 REFUSED' }))
  })
  test('pass where connections are translated as they should be and a policy lets nobody answer them', async () => {
    lab.network.weather.between = () => 'TIMEOUT'
    const result = await look({ within: 1 })
    expect(result).toMatchObject({ verdict: 'pass' })
    expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'conntrack', observed: 'on a: 8 of 8 connections translated, to 10.244.1.11:8080, 10.244.2.11:8080' }))
  })
  test('fail where nobody answers and nothing was translated', async () => {
    Object.assign(lab.network.weather, { untracked: true, between: () => 'TIMEOUT' })
    expect(await look({ within: 1 })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('the kernel translated none') })
  })
  test('fail where one of the endpoints answers and nothing was translated', async () => {
    Object.assign(lab.network.weather, { untracked: true })
    lab.network.weather.listening.set('hello-a', [])
    expect(await look({ within: 1 })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('the kernel translated none') })
  })
  test('fail where an entry of the map is gone', async () => {
    onA((listing) => listing.replace(/,\[1,\{"goto":\{"target":"endpoint-lab\/hello-10\.244\.2\.11:8080"\}\}\]/u, ''))
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('1 of 2 numbers lead to no endpoint') })
  })
  test('fail where two numbers lead to one endpoint', async () => {
    third()
    onA((listing) => listing.replace('[2,{"goto":{"target":"endpoint-lab/hello-10.244.2.12:8080"}}]', '[2,{"goto":{"target":"endpoint-lab/hello-10.244.2.11:8080"}}]'))
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'On a no rule leads to 10.244.2.12:8080.' })
  })
})
