import { defineError, plainLine } from '@hoplab/core'

/** An end of a trace that does not exist. */
export const HOP_TRACE_END_UNKNOWN = defineError<{ argument: 'FROM' | 'TO'; typed: string; missing: string; known: readonly string[]; near: string | undefined }>('HOP_TRACE_END_UNKNOWN', {
  exitCode: 2,
  what: (p) => `${p.argument} "${plainLine(p.typed, 100)}": there is no ${plainLine(p.missing, 120)}.`,
  why: (p) => (p.known.length > 0 ? `There are: ${plainLine(p.known.join(', '), 300)}.` : 'There is none at all.'),
  fix: (p) => (p.near === undefined ? 'Look with "hoplab kubectl get pods,services -A".' : `Did you mean "${p.near}"?`),
  state: 'No packet was sent.',
})

/** An end of a trace that cannot be read, or is not in a state to be an end. */
export const HOP_TRACE_END_UNUSABLE = defineError<{ argument: 'FROM' | 'TO'; typed: string; said: string; fix: string }>('HOP_TRACE_END_UNUSABLE', {
  exitCode: 2,
  what: (p) => `${p.argument} "${plainLine(p.typed, 100)}" ${plainLine(p.said, 200)}.`,
  why: 'A trace needs a place that a request starts from, and an address with a TCP port that it goes to.',
  fix: (p) => p.fix,
  state: 'No packet was sent.',
})

/** Packets could not be watched. */
export const HOP_TRACE_BROKEN = defineError<{ said: string }>('HOP_TRACE_BROKEN', {
  exitCode: 3,
  what: 'The request could not be traced.',
  why: (p) => plainLine(p.said, 400),
  fix: 'Type the command again; if it stays, run "hoplab doctor".',
  state: 'Nothing was changed; captures end by themselves within seconds.',
})
