/** Records of one protocol, those of connections from one of the ports in the file `ports`. Fails when the list cannot be read; that none is left is no failure. */
const recordsOf = (protocol: 'tcp' | 'udp'): string => `conntrack -L -p ${protocol} 2>/dev/null > "$kept/list" && { grep -F -f "$kept/ports" "$kept/list" || [ $? -eq 1 ]; }`

/**
 * Program of one batch: the probes, and right behind them the kernel's records of their connections; the last line shows that nothing was cut off.
 * A node knows some 16,000 connections after a few looks (each is kept for two minutes), 3 MB of text that would go through the engine with every
 * batch: only those from a port that the probes used are told, found in what they printed. Nothing is kept in the toolbox.
 * @param udp whether any probe sent datagrams
 */
export const probeThenRecords = (udp: boolean): string[] => ['sh', '-c', [
  'kept=$(mktemp -d) || exit',
  `trap 'rm -rf "$kept"' EXIT`,
  'hoplab-probe > "$kept/said" || exit',
  'cat "$kept/said"',
  String.raw`grep -oE '"local":"[^"]*:[0-9]+"' "$kept/said" | sed -E 's/.*:([0-9]+)"$/ sport=\1 dport=/' | sort -u > "$kept/ports"`,
  `${['tcp', ...(udp ? ['udp'] : [])].map((protocol) => recordsOf(protocol as 'tcp' | 'udp')).join(' && ')} && echo records-end`,
].join('\n'), 'hoplab-probe']
