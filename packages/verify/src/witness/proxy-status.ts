import { plainLine } from '@hoplab/core'
import type { ProxyMode } from '@hoplab/model'
import { Broken } from '../probes/broken.ts'
import { type Reading, textOf } from '../probes/readings.ts'
import type { Round } from '../round.ts'

/** What one of kube-proxy's own pages said: HTTP status and body; status 0 = nobody answers there. */
export interface Page { url: string; status: number; body: string }

/** kube-proxy's pages are open on the node alone (its default addresses), so they are asked for in the node's network namespace. */
export const pages = { mode: 'http://127.0.0.1:10249/proxyMode', metrics: 'http://127.0.0.1:10249/metrics', healthz: 'http://127.0.0.1:10256/healthz', livez: 'http://127.0.0.1:10256/livez' } as const

/** Asks for one page. curl: 7 = refused, 28 = no answer in time, 52 = empty answer (curl(1), EXIT CODES). */
export async function readPage(round: Round, node: string, url: string): Promise<Page> {
  const reading = await round.readings.of(node, ['curl', '-s', '-m', '3', '-w', '\n%{http_code}', url])
  if ([7, 28, 52].includes(reading.exitCode)) return { url, status: 0, body: '' }
  const [, body = '', status] = /^([\s\S]*)\n(\d{3})$/u.exec(textOf(reading, `${url} on ${node}`)) ?? []
  if (status === undefined) throw new Broken(`What curl printed for ${url} on ${node} has no end.`, { hopeless: false })
  return { url, status: Number(status), body }
}

/** How far kube-proxy is, by its metrics: seconds of the node's own clock, and changes it has yet to write. Missing where it does not tell. */
export interface Progress { syncedAt: number | undefined; pending: number | undefined }

/** Reads the metrics' text (Prometheus exposition format). IPv4's counts where the families are told apart. */
export function progressIn(metrics: string): Progress {
  const value = (name: string): number | undefined => {
    const found = metrics.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    const line = found.find((one) => one.includes('ip_family="IPv4"')) ?? found[0]
    const number = Number(line?.split(' ').at(-1) ?? Number.NaN)
    return Number.isNaN(number) ? undefined : number
  }
  const endpoints = value('kubeproxy_sync_proxy_rules_endpoint_changes_pending')
  const services = value('kubeproxy_sync_proxy_rules_service_changes_pending')
  return { syncedAt: value('kubeproxy_sync_proxy_rules_last_timestamp_seconds'), pending: endpoints === undefined || services === undefined ? undefined : endpoints + services }
}

/** The rules' own table in the kernel, by mode: the command that lists it, and whether it is there and packets pass it. */
export async function rulesTable(round: Round, node: string, mode: ProxyMode): Promise<{ command: string; present: boolean; observed: string }> {
  const argv = mode === 'iptables' ? ['iptables-save', '-t', 'nat'] : ['nft', 'list', 'table', 'ip', 'kube-proxy']
  const reading = await round.readings.of(node, argv)
  const absent = mode === 'nftables' && reading.exitCode === 1
  const text = absent ? '' : rulesText(reading, `the rules of ${node}`)
  const marks = mode === 'iptables' ? ['-A PREROUTING .*-j KUBE-SERVICES', '-A OUTPUT .*-j KUBE-SERVICES', '-A KUBE-SERVICES '] : [String.raw`chain nat-prerouting`, String.raw`chain nat-output`, String.raw`map service-ips`]
  const missing = marks.filter((mark) => !new RegExp(mark, 'u').test(text))
  return { command: argv.join(' '), present: missing.length === 0, observed: plainLine(missing.length === 0 ? `${text.split('\n').length} lines, with all entries` : `without ${missing.join(', ')}`, 200) }
}

/** iptables-save prints nothing for a table that was never used: that is a node without rules, not a program that failed. */
const rulesText = (reading: Reading, what: string): string => (reading.exitCode === 0 ? reading.text : textOf(reading, what))
