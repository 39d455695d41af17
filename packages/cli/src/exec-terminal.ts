/** An end of a stream, as far as it may be a terminal. */
interface End { isTTY?: boolean }

/**
 * Flags with which `docker exec` and `kubectl exec` are asked for a terminal: only where they are given one at both ends. With a terminal every line
 * of theirs ends with CR LF, and `$(hoplab shell …)` would read names with a CR behind them.
 */
export function execTerminal({ stdin, stdout }: { stdin: End; stdout: End } = process): string[] {
  return stdin.isTTY === true && stdout.isTTY === true ? ['-i', '-t'] : ['-i']
}
