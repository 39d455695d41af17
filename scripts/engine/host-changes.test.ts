import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const possible = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/sbin/iptables')
const inotify = possible ? readFileSync('/proc/sys/fs/inotify/max_user_instances', 'utf8').trim() : ''

/** What a daemon leaves behind, made in a network namespace of its own; then put back as on a host that had one rule before. */
const script = `
set -e
iptables -A FORWARD -s 192.0.2.7 -j ACCEPT
ip link add docker0 type bridge
echo 1 > /proc/sys/net/ipv4/ip_forward
iptables -P FORWARD DROP
for chain in DOCKER DOCKER-USER; do iptables -N $chain; iptables -A FORWARD -j $chain; done
iptables -A FORWARD -i br-0123456789ab ! -o br-0123456789ab -j ACCEPT
iptables -t nat -N DOCKER
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
iptables -t nat -A DOCKER -i docker0 -j RETURN
"$NODE" --input-type=module-typescript -e '
  import { restoreHost } from "${import.meta.dirname}/host-changes.ts"
  await restoreHost({ inotify: "${inotify}", forward: "0", forwardPolicy: "ACCEPT", bridge: false, chains: false })'
iptables -S; iptables -t nat -S; cat /proc/sys/net/ipv4/ip_forward; ip -o link | grep -c docker0 || true`

test.skipIf(!possible)('what our daemon left on the host is removed, and nothing else', () => {
  const left = execFileSync('unshare', ['--net', 'sh', '-c', script], { encoding: 'utf8', env: { ...process.env, NODE: process.execPath } })
  expect(left.trim().split('\n')).toEqual([
    '-P INPUT ACCEPT', '-P FORWARD ACCEPT', '-P OUTPUT ACCEPT', '-A FORWARD -s 192.0.2.7/32 -j ACCEPT',
    '-P PREROUTING ACCEPT', '-P INPUT ACCEPT', '-P OUTPUT ACCEPT', '-P POSTROUTING ACCEPT', '0', '0',
  ])
})
