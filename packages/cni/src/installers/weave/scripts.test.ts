import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { weaveScripts } from './scripts.ts'

/** Where a script runs: programs that write down what they are told, and answer from files. */
let folder: string
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'hoplab-weave-')) })
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const logged = 'echo "$(basename "$0") $*" >> "$FOLDER/log"'
/** kube-utils tells the peers of one file after the other; weaver stays until its Pods' network is there, or it is told to end. */
const programs: Record<string, string> = {
  'kube-utils': `case $* in
    "") n=$(cat "$FOLDER/asked" 2> /dev/null || echo 0); echo $((n + 1)) > "$FOLDER/asked"; cat "$FOLDER/peers.$n" ;;
    *-check-peer-new*) ${logged}; [ ! -e "$FOLDER/lost" ] && exit 9 || exit 0 ;;
    *-run-reclaim-daemon*) ${logged}; touch "$FOLDER/done"; /bin/sleep 0.3 ;;
    *) ${logged}; [ ! -e "$FOLDER/refused" ] ;; esac`,
  weaveutil: `${logged}; case $1 in get-db-flag) [ -e "$FOLDER/weave-netdata.db" ] ;; esac`,
  weaver: `trap 'exit 143' TERM; ${logged}; for try in $(seq 200); do [ -e "$FOLDER/done" ] && exit 0; /bin/sleep 0.05; done; exit 1`,
  curl: `case $* in *status*) [ ! -e "$FOLDER/status" ] && exit 0; cat "$FOLDER/status" ;; *weave:expose*) ${logged}; printf 10.9.64.0/16 ;; *) ${logged} ;; esac`,
  ip: `echo '[{"ifname":"lo","mtu":65536,"addr_info":[{"local":"127.0.0.1"}]},{"ifname":"eth0","mtu":1500,"addr_info":[{"local":"172.28.0.2"}]}]'`,
  'iptables-nft-save': `cat "$FOLDER/nft" 2> /dev/null`, 'iptables-legacy-save': `cat "$FOLDER/legacy" 2> /dev/null`,
  'update-alternatives': logged, iptables: logged, sysctl: logged, sleep: `${logged}; /bin/sleep 0.01`, 'weave-npc': logged, mkfifo: logged,
}

interface World { peers: (string[] | 'no answer')[]; files?: Record<string, string>; password?: string }
interface Ran { status: number | null; stdout: string; log: string[] }

function run(script: keyof typeof weaveScripts, { peers, files = {}, password = '' }: World): Ran {
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  for (const [name, text] of Object.entries({ log: '', ...files })) writeFileSync(join(folder, name), text)
  for (const [index, answer] of peers.entries()) if (answer !== 'no answer') writeFileSync(join(folder, `peers.${index}`), answer.map((one) => `${one}\n`).join(''))
  const env = {
    PATH: `${folder}:${process.env.PATH}`, FOLDER: folder, NODE_NAME: 'n1', NODE_ADDRESS: '172.28.0.2', NODES: '3', POD_SUBNET: '10.9.0.0/16', WEAVE_PASSWORD: password, DATABASE: folder, PLUGINS: folder, CONFLIST: join(folder, '10-weave.conflist'),
  }
  const { status, stdout } = spawnSync('sh', ['-c', weaveScripts[script]], { env, encoding: 'utf8', timeout: 280_000 })
  return { status, stdout, log: readFileSync(join(folder, 'log'), 'utf8').trim().split('\n') }
}
const two = ['172.28.0.3', '172.28.0.4']
const conflist = (): unknown => (existsSync(join(folder, '10-weave.conflist')) ? JSON.parse(readFileSync(join(folder, '10-weave.conflist'), 'utf8')) : undefined)
const weaverOf = ({ log }: Ran): string => log.find((line) => line.startsWith('weaver ')) ?? ''

// Without jq (it is in the image) nothing can be shown here; the docker tests run the scripts in their own image.
describe.skipIf(spawnSync('sh', ['-c', 'command -v jq']).status !== 0)('the router', () => {
  test('waits for all peers, begins with what most of them must agree on, and connects Pods last', () => {
    const ran = run('router.sh', { peers: ['no answer', [], two.slice(0, 1), two] })
    expect(ran.status).toBe(0)
    expect(ran.stdout.split('\n').slice(0, 3)).toEqual(['0 of 3 nodes are known', '1 of 3 nodes are known', '2 of 3 nodes are known'])
    expect(weaverOf(ran)).toMatch(/ --mtu=1438 .*--ipalloc-range=10\.9\.0\.0\/16 --ipalloc-init=consensus=3 --expect-npc 172\.28\.0\.3 172\.28\.0\.4$/u)
    const own = (text: string): number => ran.log.findIndex((line) => line.includes(text))
    const order = ['weaveutil netcheck 10.9.0.0/16', 'sysctl --quiet --write net.bridge.bridge-nf-call-iptables=1', 'weaveutil set-db-flag', 'iptables --wait --delete FORWARD', 'iptables --wait --append FORWARD', 'kube-utils -reclaim', '/ip/weave:expose', '/expose/10.9.64.0/16', '-set-node-status', '-run-reclaim-daemon'].map(own)
    expect(order).toEqual(order.toSorted((one, other) => one - other))
    expect(Math.min(...order)).toBeGreaterThan(-1)
    expect(conflist()).toEqual({ cniVersion: '0.3.0', name: 'weave', plugins: [{ name: 'weave', type: 'weave-net', hairpinMode: true }, { type: 'portmap', capabilities: { portMappings: true }, snat: true }] })
    expect(['weave-net', 'weave-ipam'].map((plugin) => existsSync(join(folder, plugin)))).toEqual([true, true])
  })
  test('has a name that follows from its node\'s, an Ethernet address of nobody\'s making', () => {
    const nameOf = (ran: Ran): string => /--name=(\S+)/u.exec(weaverOf(ran))?.[1] ?? ''
    expect(nameOf(run('router.sh', { peers: [two] }))).toBe('7e:67:6b:8b:b8:4c')
  })
  test('leaves more room in each packet where it encrypts', () => {
    expect(weaverOf(run('router.sh', { peers: [two], password: 'x' }))).toContain(' --mtu=1414 ')
  })
  test('with a share of its own does not wait for peers that are gone', () => {
    const ran = run('router.sh', { peers: ['no answer', two.slice(0, 1)], files: { 'weave-netdata.db': 'ring' } })
    expect(weaverOf(ran)).toMatch(/consensus=2 --expect-npc 172\.28\.0\.3$/u)
    expect(existsSync(join(folder, 'weave-netdata.db'))).toBe(true)
  })
  test('begins anew where the others have shared out what it had', () => {
    run('router.sh', { peers: [two], files: { 'weave-netdata.db': 'ring', lost: '' } })
    expect(existsSync(join(folder, 'weave-netdata.db'))).toBe(false)
  })
  test('ends when the API refuses what it needs, so that the kubelet begins anew, and lets no Pod be connected', () => {
    expect(run('router.sh', { peers: [two], files: { refused: '' } }).status).toBe(143)
    expect(conflist()).toBeUndefined()
  })
})

describe('which iptables', () => {
  test.each([['nft', { nft: '-A one\n-A two\n', legacy: '-A one\n' }], ['legacy', { nft: '-A one\n', legacy: '-A one\n-A two\n' }], ['nft', {}]] as const)('%s, where the node has more rules', (kind, files) => {
    expect(run('policies.sh', { peers: [], files }).log).toEqual([
      `update-alternatives --set iptables /usr/sbin/iptables-${kind}`, expect.stringMatching(/^mkfifo /u), 'weave-npc --node-name=n1 --log-level=warning --metrics-addr=127.0.0.1:6781',
    ])
  })
})

describe('ready', () => {
  const status = (targets: number, connections: string, ipam: string): string => `\n        Service: router\n           Name: 7e:00:00:00:00:01(n1)\n        Targets: ${targets}\n    Connections: ${connections}\n\n        Service: ipam\n         Status: ${ipam}\n          Range: 10.9.0.0/16\n`
  test.each([
    ['every peer is connected and addresses are shared out', status(2, '2 (2 established)', 'ready'), 0, ''],
    ['a node alone needs nobody', status(0, '0', 'ready'), 0, ''],
    ['one peer is not connected', status(2, '2 (1 established, 1 failed)', 'ready'), 1, '1 of 2 peers are connected\n'],
    ['its own address is among the connections, as a failed one', status(2, '3 (1 failed, 2 established)', 'ready'), 0, ''],
    ['no peer is', status(2, '2 (2 failed)', 'ready'), 1, '0 of 2 peers are connected\n'],
    ['the peers have not agreed', status(2, '2 (2 established)', 'awaiting consensus (quorum: 2, known: 1)'), 1, 'addresses: awaiting consensus (quorum: 2, known: 1)\n'],
    ['a node that the others do not let in', status(2, '2 (2 failed)', 'awaiting consensus (quorum: 2, known: 1)'), 1, '0 of 2 peers are connected; addresses: awaiting consensus (quorum: 2, known: 1)\n'],
    ['nobody has asked for an address yet', status(2, '2 (2 established)', 'idle'), 1, 'addresses: idle\n'],
  ])('%s', (_what, text, code, said) => {
    expect(run('ready.sh', { peers: [], files: { status: text, '10-weave.conflist': '{}' } })).toMatchObject({ status: code, stdout: said })
  })
  test('not before Pods can be connected', () => {
    expect(run('ready.sh', { peers: [], files: { status: status(2, '2 (2 established)', 'ready') } })).toMatchObject({ status: 1, stdout: 'Pods are not connected yet\n' })
  })
})
