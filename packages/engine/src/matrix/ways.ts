import type { RunningCluster } from '@hoplab/cluster'
import type { Deadline } from '@hoplab/core'
import type { CniCapabilities, MatrixWay, TraceHop, TraceResult } from '@hoplab/model'
import type { LabView, traceRequest } from '@hoplab/verify'
import type { NodeLink } from './node-links.ts'

/** Follows one request; `traceRequest` of `@hoplab/verify`. */
export type TraceOf = typeof traceRequest

/** Where findings are looked for. */
export interface Found { cluster: RunningCluster; view: LabView; capabilities: CniCapabilities; trace: TraceOf }

/** Requests that are followed. Each shows a way that networks differ in. */
const requests = [
  ['same-node', 'Pod to Pod, same node', 'pod/one-a', 'pod/one-b:8080'],
  ['other-node', 'Pod to Pod, another node', 'pod/one-a', 'pod/two-a:8080'],
  ['from-node', 'node to Pod, another node', 'node/worker-1', 'pod/two-a:8080'],
  ['cluster-ip', 'Pod to ClusterIP', 'pod/one-a', 'service/far:80'],
] as const

/** Devices of a way; what happens between them is no device. */
const passed = new Set<TraceHop['kind']>(['client', 'veth', 'bridge', 'tunnel', 'uplink', 'device', 'server'])

/** The ways of some requests, one after another: two captures at once would each see the other's packets. @throws HOP_TRACE_BROKEN */
export async function waysOf({ view, trace }: Pick<Found, 'view' | 'trace'>, links: readonly NodeLink[], deadline: Deadline): Promise<MatrixWay[]> {
  const ways: MatrixWay[] = []
  for (const [id, title, from, to] of requests) {
    const { result } = await trace(view, from, to, deadline)
    ways.push({ id, title, ...wayIn(result, view, links) })
  }
  return ways
}

/** Whose device has this address. */
export function deviceOf(address: string, { at, links }: { at: string; links: readonly NodeLink[] }, words: { there: string; elsewhere: string }): string {
  const link = links.find((one) => one.addresses.includes(address))
  return link === undefined ? 'nobody known' : `${link.node === at ? words.there : words.elsewhere}, ${link.name}`
}

function wayIn({ hops, from }: TraceResult, view: LabView, links: readonly NodeLink[]): Omit<MatrixWay, 'id' | 'title'> {
  const request = hops.filter((hop) => hop.direction === 'request')
  const left = request.find((hop) => hop.kind === 'uplink' && hop.where === from.node && hop.before !== undefined)
  const server = request.find((hop) => hop.kind === 'server' && hop.before !== undefined)
  const opened = request.find((hop) => hop.kind === 'client')
  const address = hostOf(server?.before?.from)
  return {
    devices: request.filter((hop) => passed.has(hop.kind)).map(({ where, kind, name, seen }) => ({ where, kind, name, seen })),
    ...(left?.before ? { wire: { inner: left.before, ...(left.outer ? { outer: left.outer } : {}) } } : {}),
    ...(address === undefined ? {} : { source: { address, whose: whoseIs(address, { from, own: hostOf(opened?.before?.from) }, view, links) } }),
  }
}

/** Whose an address is that a server was asked from. */
function whoseIs(address: string, { from, own }: { from: TraceResult['from']; own: string | undefined }, view: LabView, links: readonly NodeLink[]): string {
  if (address === own && from.name.startsWith('Pod ')) return "the client Pod's own"
  return deviceOf(address, { at: view.nodeName(from.node), links }, { there: "the client's node", elsewhere: 'another node' })
}

/** `ip` of `ip:port`. */
const hostOf = (end: string | undefined): string | undefined => end?.replace(/:\d+$/u, '')
