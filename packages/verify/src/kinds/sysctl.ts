import { plainLine } from '@hoplab/core'
import type { CheckOf, Evidence } from '@hoplab/model'
import { Broken } from '../probes/broken.ts'
import { textOf } from '../probes/readings.ts'
import type { Round } from '../round.ts'
import { nodesAt, onNode } from '../scene/node-place.ts'
import { routesTo } from '../witness/route.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/** A setting and what it may be; `path` below `/proc/sys`. */
interface Demand { name: string; path: string; accepted: string[] }

/**
 * `sysctl`: settings of each node's kernel are what is asked, read where they are in force: in the network namespace of the node's process 1, whose
 * inode the reader compares with its own in the same exec. Known false pass: the values inside a Pod, which has its own; known false fail: strict
 * `rp_filter` on a tunnel whose way back is the same tunnel, which drops nothing (RFC 3704) and is therefore judged by the routes.
 */
export const sysctl: CheckKind<'sysctl'> = {
  async look(spec, round) {
    const nodes = nodesAt(round, spec.nodes)
    const seen = await Promise.all(nodes.map(async (node) => ({ node, settings: await settingsOf(spec, round, node) })))
    const evidence: Evidence[] = seen.flatMap(({ node, settings }) => settings.map(({ demand, observed }) => ({
      witness: 'kernel', command: onNode(round.view, node, `sysctl ${demand.name}`), observed: plainLine(`${node}: ${demand.name} = ${observed}`, 200), expected: demand.accepted.join(' or '),
    })))
    const wrong = seen.flatMap(({ node, settings }) => settings.map((setting) => ({ node, ...setting }))).find(({ demand, observed }) => !demand.accepted.includes(observed))
    if (wrong) throw new NotMet(plainLine(`On ${wrong.node} ${wrong.demand.name} is ${wrong.observed}; asked is ${wrong.demand.accepted.join(' or ')}.`, 300), evidence, `node ${wrong.node}`)
    const filters = spec.values === undefined ? (await Promise.all(nodes.map((node) => harmlessFilter(round, node)))).flat() : []
    return { state: 'green', nodes: [], evidence: [...evidence, ...filters], why: `The kernel settings of ${nodes.join(', ')} are as asked.` }
  },
}

async function settingsOf(spec: CheckOf<'sysctl'>, round: Round, node: string): Promise<{ demand: Demand; observed: string }[]> {
  const demands = spec.values === undefined ? needsOf(round) : Object.entries(spec.values).map(([name, accepted]): Demand => ({ name, path: pathOf(name), accepted: [accepted].flat().map(String) }))
  const values = await readSettings(round, node, demands.map(({ path }) => path))
  return demands.map((demand) => ({ demand, observed: effective(values, demand.path) }))
}

/** Device of a node on the network of nodes, as kind names it. */
const uplink = 'eth0'

/** What forwarding packets of Pods needs: the host forwards, each device on their way does, and bridged packets pass the rules of Services. */
function needsOf({ view: { networkFacts: { bridge, overlay } } }: Round): Demand[] {
  const devices = [uplink, bridge, overlay?.device].filter((device) => device !== undefined)
  const names = ['net/ipv4/ip_forward', ...devices.map((device) => `net/ipv4/conf/${device}/forwarding`), ...(bridge === undefined ? [] : ['net/bridge/bridge-nf-call-iptables'])]
  return names.map((path) => ({ name: path, path, accepted: ['1'] }))
}

const reversePath = /^net\/ipv4\/conf\/([^/]+)\/rp_filter$/u

async function readSettings(round: Round, node: string, paths: readonly string[]): Promise<Map<string, string>> {
  const asked = [...new Set(paths.flatMap((path) => [path, ...(reversePath.test(path) ? ['net/ipv4/conf/all/rp_filter'] : [])]))]
  const [spaces, settings] = await Promise.all([
    round.readings.of(node, ['readlink', '/proc/self/ns/net', '/proc/1/ns/net']), round.readings.of(node, ['grep', '-H', '', ...asked.map((path) => `/proc/sys/${path}`)]),
  ])
  const [own, host] = textOf(spaces, `the network namespaces of ${node}`).trim().split('\n')
  if (own === undefined || !/^net:\[\d+\]$/u.test(own) || own !== host) throw new Broken(`The settings of ${node} were not read in its own network namespace.`, { hopeless: false })
  // 2: a file is not there, which is the node's own state; the others were still read.
  const text = settings.exitCode === 2 ? settings.text : textOf(settings, `the settings of ${node}`)
  return new Map(text.split('\n').flatMap((line) => { const [, path, value] = /^\/proc\/sys\/([^:]+):(.*)$/u.exec(line) ?? []; return path === undefined ? [] : [[path, (value ?? '').trim()]] }))
}

/** "The max value from conf/{all,interface}/rp_filter is used" (kernel documentation, ip-sysctl). */
function effective(values: ReadonlyMap<string, string>, path: string): string {
  const own = values.get(path)
  if (own === undefined) return 'not there'
  return reversePath.test(path) ? String(Math.max(Number(own), Number(values.get('net/ipv4/conf/all/rp_filter') ?? Number.NaN))) : own
}

/** sysctl(8): when the first separator is a dot, dots part and slashes stand for dots; else as it is written. */
export function pathOf(name: string): string {
  const first = /[./]/u.exec(name)?.[0]
  return first === '/' ? name : name.replaceAll(/[./]/gu, (separator) => (separator === '.' ? '/' : '.'))
}

/** Strict reverse-path filtering of tunnelled packets is harmless exactly where the way back to their senders leads into the same tunnel. */
async function harmlessFilter(round: Round, node: string): Promise<Evidence[]> {
  const device = round.view.networkFacts.overlay?.device
  if (device === undefined) return []
  const path = `net/ipv4/conf/${device}/rp_filter`
  const value = effective(await readSettings(round, node, [path]), path)
  const remote = round.snapshot.pods.filter((pod) => pod.metadata.namespace === 'hoplab-control' && pod.spec?.nodeName !== node).flatMap((pod) => pod.status?.podIP ?? [])
  const routes = value === '1' ? await routesTo(round, node, remote) : []
  const evidence: Evidence = {
    witness: 'kernel', command: onNode(round.view, node, `sysctl net/ipv4/conf/all/rp_filter ${path}`), expected: `not strict (1), or the way back leads through ${device}`,
    observed: plainLine(`${node}: rp_filter of ${device} is ${value}${value === '1' ? `; ways back: ${routes.map(({ to, device: out }) => `${to} by ${out}`).join(', ')}` : ''}`, 300),
  }
  const dropped = routes.find((route) => route.device !== device)
  if (dropped) throw new NotMet(`On ${node} packets of ${dropped.to} come out of ${device} and would be dropped: rp_filter is strict there, and the way back leads by ${plainLine(dropped.device, 20)}.`, [evidence], `node ${node}`)
  return [evidence]
}
