import type { ConntrackTable } from './conntrack.ts'

/** How one attempt to be answered ended, told by errno and protocol, never by text. */
export const probeClasses = ['OK', 'REFUSED', 'TIMEOUT', 'UNREACHABLE', 'DNS', 'RESET', 'TOOBIG', 'ERROR'] as const
/** See {@link probeClasses}. TOOBIG = a packet that may not be fragmented does not fit. ERROR = the probe itself could not be carried out; it says nothing about the network. */
export type ProbeClass = (typeof probeClasses)[number]

/** Whose network namespace a probe starts in. */
export type ProbeFrom = { podUid: string } | { node: true }

/** What a probe program is asked. Times in milliseconds. */
export type ProbeRequest =
  /** Fresh connections, one request each, `parallel` at a time. Once `giveUpAfter` of them had no answer in time none is begun any more. `bodyBytes` are sent and `answerBytes` asked for, both hashed: {@link Connection.transfer}. */
  | { kind: 'http'; from: ProbeFrom; target: string; count: number; parallel: number; timeoutMs: number; giveUpAfter?: number; path?: string; bodyBytes?: number; answerBytes?: number }
  /** Handshakes only. */
  | { kind: 'tcp'; from: ProbeFrom; target: string; count: number; parallel: number; timeoutMs: number }
  /** Fresh sockets, one datagram and its answer each. */
  | { kind: 'udp'; from: ProbeFrom; target: string; count: number; parallel: number; timeoutMs: number }
  /** One socket held for `datagrams` questions (2 or more), one every `everyMs`; `timeoutMs` is the wait for each answer: {@link Connection.flow}. */
  | { kind: 'udp'; from: ProbeFrom; target: string; count: 1; parallel: 1; timeoutMs: number; datagrams: number; everyMs: number }
  /** One question; without `server` (`ip:port`) to the name server of the place it starts from, with its search list. Without `transport` over UDP, and TCP when the answer did not fit. */
  | { kind: 'dns'; from: ProbeFrom; name: string; type: DnsType; server?: string; transport?: 'udp' | 'tcp'; timeoutMs: number }
  /** ICMP echo requests to a bare IPv4 address that may not be fragmented; the packet is `size` + 28 bytes long: {@link Connection.ping}. */
  | { kind: 'ping'; from: ProbeFrom; target: string; count: number; parallel: number; timeoutMs: number; size: number }
  /** Which processes would be given a connection to `target`: {@link ProbeResult.listeners}. */
  | { kind: 'listeners'; from: ProbeFrom; target: string; transport?: 'udp' | 'tcp' }

/** Record types a probe can ask for. */
export type DnsType = 'A' | 'AAAA' | 'CNAME' | 'PTR' | 'SRV'

/** What the lab's server says about a request. Foreign text: counts only from a trusted Pod. */
export interface ServerView {
  pod: string; nonce: string; remote: string; local: string
  /** Length of the request's body, and its SHA-256 in hexadecimal (empty for none). */
  bytes: number; sha256: string
  /** Longest that the server waited for a processor within the time asked for, in milliseconds: of a control Pod that was asked for it. */
  lateMs?: number | undefined
}

/** What went through one connection, counted and hashed (SHA-256, hexadecimal) by the client. */
export interface Transfer {
  sent: number; sentSha256: string
  received: number; receivedSha256: string
  /** What the server says it sent: foreign text. */
  announcedSha256: string
  /** Of the bytes this request's nonce stands for. */
  expectedSha256: string
}

/** One question of a held flow. */
export interface Datagram { class: ProbeClass; nonce: string; server?: ServerView; sentMs: number }

/** The device a ping left through, and what is known of its way. MTUs in bytes. */
export interface PingView { device: string; deviceMtu: number; pathMtu: number; refused: string }

/** A process that would be given a connection. `container` is its id, empty outside of containers. */
export interface Listener { local: string; container: string; program: string; pid: number }

/** One fresh connection. Addresses are `ip:port`. */
export interface Connection {
  class: ProbeClass
  /** Nonce sent with this connection; only its own server's answer can carry it back. */
  nonce: string
  /** The client's end, as the client's kernel says. */
  local?: string
  /** The same of a TCP connection that nobody answered in time: by it the kernel's record is found of where it was sent. */
  sentFrom?: string
  /** HTTP status; missing when what answered does not speak HTTP. */
  status?: number
  server?: ServerView
  /** Name of the error number that decided `class`, where one did. */
  errno?: string
  transfer?: Transfer
  flow?: Datagram[]
  ping?: PingView
}

/** What a DNS question brought. */
export interface DnsAnswer {
  class: ProbeClass
  rcode?: string
  /** Addresses of A records, in the order of the answer. */
  addresses: string[]
  /** Every record of the answer, in presentation format. Foreign text. */
  records: { name: string; type: string; data: string }[]
  /** The answer was cut (TC, RFC 1035 §4.1.1). */
  truncated: boolean
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
  listeners: Listener[]
  /** Connections that the node's kernel knew right after the batch: TCP, and UDP when the batch had any. */
  table: ConntrackTable
}
