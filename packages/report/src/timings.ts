import type { ProgressEvent } from '@hoplab/core'
import { columns } from './columns.ts'
import { duration } from './duration.ts'
import type { Look } from './look.ts'
import type { Heard, Reporter } from './talk.ts'

/** How long one phase took. */
export interface Timing { phase: string; ms: number }

/** Passes everything on and remembers how long each phase took, in the order of their ends. */
export function timed(inner: Reporter): { reporter: Reporter; timings: Timing[] } {
  const timings: Timing[] = []
  const ends = (event: Heard): event is Extract<ProgressEvent, { type: 'phase-end' }> => event.type === 'phase-end'
  const reporter: Reporter = {
    hear(event) { if (ends(event)) timings.push({ phase: event.phase, ms: Math.round(event.durationMs) }); inner.hear(event) },
    [Symbol.dispose]: () => inner[Symbol.dispose](),
  }
  return { reporter, timings }
}

/** Timings as a table. Phases may overlap, so they need not add up to the whole. */
export function timingsText(timings: readonly Timing[], look: Look): string {
  return columns(['phase', 'time'], timings.map(({ phase, ms }) => [phase, duration(ms)]), look)
}
