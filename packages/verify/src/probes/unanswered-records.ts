/** First of the ports that no kernel here gives out by itself (net.ipv4.ip_local_port_range ends at 60999): requests from there on are a trace's. */
export const firstTracePort = 61_000

/** Every connection of a node's kernel that waits for its first answer, as shell variables of the loop that `then` stands in. Prints nothing, never fails. */
const eachUnanswered = (then: string): string =>
  String.raw`conntrack -L -p tcp --state SYN_SENT 2>/dev/null | sed -nE 's/.* src=(\S+) dst=(\S+) sport=([0-9]+) dport=([0-9]+) \[UNREPLIED\].*/\1 \2 \3 \4/p' | while read -r src dst sport dport; do ${then}; done >/dev/null 2>&1`

const forget = 'conntrack -D -p tcp -s "$src" -d "$dst" --sport "$sport" --dport "$dport"'

/**
 * Shell that removes the records of our own requests to `targets` (`ip:port`) which nobody answered; a trace's requests to the same places stay.
 * The kernel keeps such a record for two minutes (nf_conntrack_tcp_timeout_syn_sent) with the translation of then, or none, and a later connection from
 * the same port takes it over: it goes where the first one was lost, though all is well by now. Seen here: the ports of a Pod come round after
 * some 3,000 connections to one address, and one look at a distribution makes 521.
 */
export function forgetUnanswered(targets: readonly string[]): string {
  const ours = `" ${[...new Set(targets)].join(' ')} "`
  return eachUnanswered(`case ${ours} in *" $dst:$dport "*) if [ "$sport" -lt ${firstTracePort} ]; then ${forget}; fi ;; esac`)
}

/** The same for a trace, whose ports stand in the shell variable `ports`, with `|` between them. */
export const forgetUnansweredOfTrace: string = eachUnanswered(`case "|$ports|" in *"|$sport|"*) ${forget} ;; esac`)
