import type { ConntrackTable } from './conntrack.ts'

/** How one attempt to be answered ended, told by errno and protocol, never by text. */
export const probeClasses = ['OK', 'REFUSED', 'TIMEOUT', 'UNREACHABLE', 'DNS', 'RESET', 'ERROR'] as const
/** See {@link probeClasses}. ERROR = the probe itself could not be carried out; it says nothing about the network. */
export type ProbeClass = (typeof probeClasses)[number]

/** Whose network namespace a probe starts in. */
export type ProbeFrom = { podUid: string } | { node: true }

/** What a probe program is asked. Times in milliseconds. */
export type ProbeRequest =
  /** Fresh connections, one request each, `parallel` at a time. */
  | { kind: 'http'; from: ProbeFrom; target: string; count: number; parallel: number; timeoutMs: number; path?: string }
  /** Handshakes only. */
  | { kind: 'tcp'; from: ProbeFrom; target: string; count: number; parallel: number; timeoutMs: number }
  /** One question; without `server` to the name server of the place it starts from, with its search list. */
  | { kind: 'dns'; from: ProbeFrom; name: string; type: 'A'; server?: string; timeoutMs: number }

/** What the lab's server says about a request. Foreign text: counts only from a trusted Pod. */
export interface ServerView { pod: string; nonce: string; remote: string; local: string }

/** One fresh connection. Addresses are `ip:port`. */
export interface Connection {
  class: ProbeClass
  /** Nonce sent with this connection; only its own server's answer can carry it back. */
  nonce: string
  /** The client's end, as the client's kernel says. */
  local?: string
  /** HTTP status; missing when what answered does not speak HTTP. */
  status?: number
  server?: ServerView
}

/** What a DNS question brought. */
export interface DnsAnswer {
  class: ProbeClass
  rcode?: string
  /** Addresses, in the order of the answer. */
  addresses: string[]
  /** The name that was answered after search-list expansion. */
  name?: string
  server?: string
  /** Seconds the answer may be kept by caches. */
  ttl?: number
}

/** Result of one request. */
export interface ProbeResult {
  class: ProbeClass
  detail: string
  connections: Connection[]
  dns: DnsAnswer | undefined
  /** TCP connections that the node's kernel knew right after the batch. */
  table: ConntrackTable
}
