/** Records of one protocol that the patterns in a file fit. Fails when the list cannot be read; that none is left is no failure. */
const recordsOf = (protocol: 'tcp' | 'udp', patterns: string): string => `conntrack -L -p ${protocol} 2>/dev/null > "$kept/list" && { grep -E -f "$kept/${patterns}" "$kept/list" || [ $? -eq 1 ]; }`

/**
 * Program of one batch: the probes, and right behind them the kernel's records of their connections; the last line shows that nothing was cut off.
 * A node knows some 16,000 connections after a few looks (each is kept for two minutes), 3 MB of text that would go through the engine with every
 * batch: only those from a port that the probes used are told, found in what they printed of themselves and not in what servers answered. Of a held
 * flow's address all are told, whoever the client is: one that leads elsewhere is what is looked for. Nothing is kept in the toolbox.
 * @param flows `ip:port` of each place to which a probe sent datagrams
 */
export const probeThenRecords = (flows: readonly string[]): string[] => ['sh', '-c', [
  'kept=$(mktemp -d) || exit',
  `trap 'rm -rf "$kept"' EXIT`,
  'hoplab-probe > "$kept/said" || exit',
  'cat "$kept/said"',
  String.raw`sed -E 's/"echo":\{[^}]*\}//g' "$kept/said" | grep -oE '"(local|sentFrom)":"[^"]*:[0-9]+"' | sed -E 's/.*:([0-9]+)"$/ sport=\1 dport=/' | sort -u > "$kept/ports"`,
  ...(flows.length === 0 ? [] : [`{ cat "$kept/ports"; printf '%s\\n' ${flows.flatMap(pattern).map((one) => `'${one}'`).join(' ')}; } > "$kept/flows"`]),
  `${[recordsOf('tcp', 'ports'), ...(flows.length === 0 ? [] : [recordsOf('udp', 'flows')])].join(' && ')} && echo records-end`,
].join('\n'), 'hoplab-probe']

/** What fits the records of a place; nothing for what is no IPv4 address and port, as nothing else may stand in a program. */
function pattern(target: string): string[] {
  const [, ip = '', port] = /^(\d+(?:\.\d+){3}):(\d+)$/u.exec(target) ?? []
  return port === undefined ? [] : [String.raw` dst=${ip.replaceAll('.', String.raw`\.`)} sport=[0-9]+ dport=${port} `]
}
