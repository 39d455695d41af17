/** First of the ports that no kernel here gives out by itself (net.ipv4.ip_local_port_range ends at 60999), and how many a trace takes. */
const firstPort = 61_000
export const portsPerTrace = 64

/** What tells this trace from all others: its id, and the first of the ports that its requests are sent from. */
export interface Identity { id: string; own: number }

const blocks = Math.floor((65_536 - firstPort) / portsPerTrace)
let nextBlock = Math.floor(Math.random() * blocks)

/**
 * A new one. Its ports are those that the longest time ago were another's: the kernel keeps the record of a request without an answer for two minutes
 * (nf_conntrack_tcp_timeout_syn_sent), and a request from the same port follows it, past rules that came since (seen here). Other processes trace too, so
 * the first is taken by chance.
 */
export function newIdentity(): Identity {
  nextBlock = (nextBlock + 1) % blocks
  return { id: crypto.randomUUID().slice(0, 8), own: firstPort + nextBlock * portsPerTrace }
}
