/** Error numbers by which the kernel refuses a way, as `ip` prints them; alone they read like a mistake of whoever asked. Measured here on Linux 6, iproute2 6. */
const refusals: Readonly<Record<string, string>> = {
  'Invalid argument': 'a blackhole route', 'No route to host': 'an unreachable route', 'Permission denied': 'a prohibit route', 'Network is unreachable': 'no route that leads there',
}

/** First line of `ip route get`; a refusal with what it means before it. */
export function routeInPlainWords(line: string): string {
  const refusal = /^RTNETLINK answers: (.*)$/u.exec(line)?.[1]
  return refusal === undefined ? line : `${refusals[refusal] ?? 'refused by the kernel'} (${line})`
}
