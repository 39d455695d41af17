import { plainLine } from '@hoplab/core'
import type { PacketEnds, TraceHop, TraceResult } from '@hoplab/model'
import { duration } from './duration.ts'
import { type Look, paint } from './look.ts'

/** A trace as lines that read well aloud: one hop, one line; no drawing carries meaning. */
export function traceText(trace: TraceResult, look: Look): string {
  const { from, to, outcome, hops, firstBroken, captures, durationMs } = trace
  const unproven = captures.filter(({ proven }) => !proven).map(({ where }) => where)
  return [
    paint(look, 'bold', `From ${plainLine(from.name)} on ${plainLine(from.node)} to ${plainLine(to.name)}, address ${plainLine(to.address)}`),
    ...part('The request:', 'request', hops, look), ...part('The answer:', 'reply', hops, look),
    paint(look, outcome.class === 'OK' ? 'green' : 'red', plainLine(outcome.what, 300)),
    ...firstBroken ? [`First broken hop: ${plainLine(firstBroken.hop)}`, `  decided by: ${plainLine(firstBroken.decidedBy, 600)}`, ...firstBroken.command ? [`  look yourself: ${plainLine(firstBroken.command, 400)}`] : []] : [],
    ...unproven.length > 0 ? [`The captures in these places did not catch their own control packets, so nothing is said about what is missing there: ${unproven.join(', ')}.`] : [],
    paint(look, 'dim', `captured = the packet was caught there; tracked = the kernel's record of this connection; inferred = not seen, but it must have passed. ${duration(durationMs)}.`),
  ].join('\n')
}

function part(title: string, direction: TraceHop['direction'], all: readonly TraceHop[], look: Look): string[] {
  const hops = all.filter((hop) => hop.direction === direction)
  const digits = String(hops.length).length
  return hops.length === 0 ? [] : [paint(look, 'bold', title), ...hops.map((hop, index) => `  ${String(index + 1).padStart(digits)}. ${hopLine(hop)}`)]
}

function hopLine({ where, name, what, seen, before, after, outer }: TraceHop): string {
  const words = (ends: PacketEnds): string => `from ${ends.from} to ${ends.to}`
  const changed = before !== undefined && after !== undefined && (before.from !== after.from || before.to !== after.to)
  const ends = changed ? `; it came ${words(before)} and goes ${words(after)}` : after ? `; ${words(after)}` : ''
  return plainLine(`${where}, ${name}: ${what}${outer ? `, ${words(outer)}` : ''}${ends} (${seen})`, 600)
}
