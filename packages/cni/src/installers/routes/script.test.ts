import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { routesScript } from './script.ts'

/** Where the script runs: programs that write down what they are told, and answer from files. */
let folder: string
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'hoplab-routes-')) })
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const logged = 'echo "$(basename "$0") $*" >> "$FOLDER/log"'
const programs: Record<string, string> = {
  curl: 'n=$(cat "$FOLDER/asked" 2>/dev/null || echo 0); echo $((n + 1)) > "$FOLDER/asked"; cat "$FOLDER/nodes.$n.json"',
  ip: `${logged}; case $* in "-json address show") cat "$FOLDER/address.json" ;; "route show type unicast proto 114") cat "$FOLDER/routes" ;; *refused*) exit 2 ;; esac`,
  iptables: `${logged}; case $* in *" -C "*) exit 1 ;; esac`,
  'iptables-restore': `${logged}; cat >> "$FOLDER/log"`,
  // Each pause is a round; after the last one the script is told to end.
  sleep: 'echo "sleep $1" >> "$FOLDER/log"; [ -e "$FOLDER/nodes.$(cat "$FOLDER/asked").json" ] || kill -TERM $PPID',
}

const node = (name: string, podCIDR: string | undefined, address = '172.28.0.9') => ({
  metadata: { name }, spec: podCIDR === undefined ? {} : { podCIDR },
  status: { addresses: [{ type: 'InternalIP', address: 'fd00::9' }, { type: 'InternalIP', address }, { type: 'Hostname', address: name }] },
})
type Answer = ReturnType<typeof node>[] | 'no answer'

interface Run { log: string[]; conflist: unknown }

/** Runs the script on n1 for as many rounds as there are answers of the API. */
function run(answers: readonly Answer[], kernel: { routes?: string } = {}): Run {
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  for (const [index, answer] of answers.entries()) writeFileSync(join(folder, `nodes.${index}.json`), answer === 'no answer' ? '' : JSON.stringify({ items: answer }))
  writeFileSync(join(folder, 'routes'), kernel.routes ?? '')
  writeFileSync(join(folder, 'address.json'), JSON.stringify([{ ifname: 'lo', mtu: 65_536, addr_info: [{ local: '127.0.0.1' }] }, { ifname: 'eth0', mtu: 1_450, addr_info: [{ local: '172.28.0.2' }] }]))
  const conflist = join(folder, '10-routes.conflist')
  const env = { PATH: `${folder}:${process.env.PATH}`, FOLDER: folder, NODE_NAME: 'n1', POD_SUBNET: '10.244.0.0/16', CONFLIST: conflist, KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }
  const { status, stderr } = spawnSync('sh', ['-c', routesScript], { env, encoding: 'utf8', timeout: 280_000 })
  expect(status, stderr).toBe(0)
  return { log: readFileSync(join(folder, 'log'), 'utf8').trim().split('\n'), conflist: existsSync(conflist) ? JSON.parse(readFileSync(conflist, 'utf8')) as unknown : undefined }
}
const changes = ({ log }: Run): string[] => log.filter((line) => /^(?:ip route (?:replace|del)|iptables .* -A)/u.test(line))
const three = [node('n1', '10.244.0.0/24', '172.28.0.2'), node('n2', '10.244.1.0/24', '172.28.0.3'), node('n3', '10.244.2.0/24', '172.28.0.4')]

// Without jq (it is in the image) nothing can be shown here; the docker tests run the script in its own image.
describe.skipIf(spawnSync('sh', ['-c', 'command -v jq']).status !== 0)('the script', () => {
  test('makes a route per other node, lets nothing for its own range leave, masquerades what leaves the range, and writes the configuration last', () => {
    const done = run([three])
    expect(done.log).toEqual([
      'ip route replace 10.244.1.0/24 via 172.28.0.3 proto 114', 'ip route replace 10.244.2.0/24 via 172.28.0.4 proto 114', 'ip route show type unicast proto 114', 'ip route replace unreachable 10.244.0.0/24 proto 114',
      'iptables-restore --wait --noflush', '*nat', ':ROUTES-MASQ - [0:0]', '-A ROUTES-MASQ -d 10.244.0.0/16 -j RETURN', '-A ROUTES-MASQ -j MASQUERADE', 'COMMIT',
      'iptables --wait -t nat -C POSTROUTING -s 10.244.0.0/24 -j ROUTES-MASQ', 'iptables --wait -t nat -A POSTROUTING -s 10.244.0.0/24 -j ROUTES-MASQ',
      'ip -json address show', 'sleep 5',
    ])
    expect(done.conflist).toEqual({ cniVersion: '0.3.1', name: 'routes', plugins: [
      { type: 'ptp', mtu: 1_450, ipam: { type: 'host-local', ranges: [[{ subnet: '10.244.0.0/24' }]], routes: [{ dst: '0.0.0.0/0' }] } },
      { type: 'portmap', capabilities: { portMappings: true } },
    ] })
  })
  test('writes no configuration before the API answers and this node has a range', () => {
    expect(run(['no answer', [node('n1', undefined), node('n2', '10.244.1.0/24')]])).toMatchObject({ log: ['sleep 0.3', 'sleep 0.3'], conflist: undefined })
  })
  test('nor when a route cannot be made; it tries again', () => {
    const done = run([[...three, node('n4', '10.244.3.0/24', 'refused')], three])
    expect(done.log.filter((line) => line.startsWith('sleep'))).toEqual(['sleep 0.3', 'sleep 5'])
    expect(done.log.findIndex((line) => line.startsWith('iptables'))).toBeGreaterThan(done.log.indexOf('sleep 0.3'))
  })
  test('leaves everything alone while the list of nodes stays the same, and while the API does not answer', () => {
    expect(changes(run([three, three, 'no answer', three]))).toHaveLength(4)
  })
  test('follows a node that joins, and drops the route to one that is gone and no other', () => {
    const done = run([three, [three[0]!, three[2]!, node('n4', '10.244.3.0/24', '172.28.0.5')]], { routes: '10.244.1.0/24 via 172.28.0.3 dev eth0 \n10.244.2.0/24 via 172.28.0.4 dev eth0 \n' })
    const second = changes({ ...done, log: done.log.slice(done.log.indexOf('sleep 5')) })
    expect(second.filter((line) => line.startsWith('ip '))).toEqual(['ip route replace 10.244.2.0/24 via 172.28.0.4 proto 114', 'ip route replace 10.244.3.0/24 via 172.28.0.5 proto 114', 'ip route del 10.244.1.0/24 proto 114', 'ip route replace unreachable 10.244.0.0/24 proto 114'])
  })
})
