import { readFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { $ } from 'zx'

/** What a started daemon changes on the host, as it was before: what `stop` puts back. */
export interface HostBefore {
  /** fs.inotify.max_user_instances. */
  inotify: string
  /** net.ipv4.ip_forward: the daemon switches it on. */
  forward: string
  /** Policy of the filter table's FORWARD chain: the daemon makes it DROP when it switches forwarding on. */
  forwardPolicy: string
  /** Whether docker0 and the DOCKER chains were there: then they are another's and stay. */
  bridge: boolean
  chains: boolean
}

const inotifyFile = '/proc/sys/fs/inotify/max_user_instances'
const forwardFile = '/proc/sys/net/ipv4/ip_forward'
/** A three-node cluster holds about 55 inotify instances (measured); without enough, kubelets crash-loop. */
const inotifyWanted = 512
const quiet = $({ quiet: true, nothrow: true })
const read = async (file: string): Promise<string> => (await readFile(file, 'utf8')).trim()
const rules = async (table: string): Promise<string[]> => (await quiet`iptables --wait -t ${table} -S`).stdout.split('\n')

/** Looks before anything is changed. Needs root. */
export async function readHost(): Promise<HostBefore> {
  const filter = await rules('filter')
  return {
    inotify: await read(inotifyFile), forward: await read(forwardFile), bridge: existsSync('/sys/class/net/docker0'),
    forwardPolicy: filter.find((rule) => rule.startsWith('-P FORWARD '))?.split(' ')[2] ?? 'ACCEPT',
    chains: filter.some((rule) => rule.startsWith('-N DOCKER')),
  }
}

/** Raises the inotify limit to what several clusters need; says both values. */
export async function raiseInotify(before: HostBefore): Promise<void> {
  if (Number(before.inotify) >= inotifyWanted) return
  await writeFile(inotifyFile, String(inotifyWanted))
  console.error(`fs.inotify.max_user_instances: ${before.inotify} before, ${await read(inotifyFile)} now`)
}

const secondBridge = 'hoplab-second'

/** The bridge of an engine beside another. Its addresses are of the range for tests between networks (RFC 2544), which no cluster uses. */
export async function makeSecondBridge(): Promise<string> {
  await $({ quiet: true })`ip link add ${secondBridge} type bridge`
  await $({ quiet: true })`ip address add 198.19.254.1/24 dev ${secondBridge}`
  await $({ quiet: true })`ip link set ${secondBridge} up`
  return secondBridge
}

/** Puts back what was changed and is still as we or our daemon left it. To be called when the daemon has ended. */
export async function restoreHost(before: HostBefore): Promise<void> {
  const inotify = await read(inotifyFile)
  if (inotify === String(inotifyWanted) && inotify !== before.inotify) {
    await writeFile(inotifyFile, before.inotify)
    console.error(`fs.inotify.max_user_instances: ${inotify} before, ${before.inotify} now`)
  }
  if (before.bridge || before.chains) {
    await quiet`ip link delete ${secondBridge}`
    return
  }
  await quiet`ip link delete docker0`
  for (const table of ['nat', 'filter']) await removeDockerRules(table)
  await quiet`iptables --wait -P FORWARD ${before.forwardPolicy}`
  if (await read(forwardFile) !== before.forward) await writeFile(forwardFile, before.forward)
}

/** Removes the daemon's chains, the jumps into them, and its rules for docker0 and the bridges that it had named br-…. */
async function removeDockerRules(table: string): Promise<void> {
  const own = /-j DOCKER|\b(?:docker0|br-[0-9a-f]{12})\b/u
  const all = await rules(table)
  for (const rule of all.filter((line) => /^-A (?!DOCKER)/u.test(line) && own.test(line))) {
    await quiet`iptables --wait -t ${table} -D ${rule.split(' ').slice(1)}`
  }
  const chains = all.flatMap((line) => /^-N (DOCKER\S*)$/u.exec(line)?.[1] ?? [])
  for (const chain of chains) await quiet`iptables --wait -t ${table} -F ${chain}`
  for (const chain of chains) await quiet`iptables --wait -t ${table} -X ${chain}`
}
