import { plainText, type ProgressEvent } from '@hoplab/core'
import type { LabEvent } from '@hoplab/model'
import { duration } from './duration.ts'
import { type Look, paint } from './look.ts'
import { checkText, phaseText } from './result-text.ts'

/** What a reporter hears. */
export type Heard = ProgressEvent | LabEvent

/** Hears everything while a command works. Disposing it ends what it shows. */
export interface Reporter extends Disposable {
  hear(event: Heard): void
}

/** Writes text as it is. */
export type Write = (text: string) => void

/** One event per line as JSON, each with the milliseconds since the start. */
export function ndjsonReporter(write: Write, now: () => number = () => performance.now()): Reporter {
  const start = now()
  return {
    hear: (event) => write(`${JSON.stringify({ atMs: Math.round(now() - start), ...event })}\n`),
    [Symbol.dispose]() {},
  }
}

/** One finished line per event: for logs, pipes and screen readers. */
export function plainReporter(write: Write, look: Look): Reporter {
  return {
    hear(event) {
      const line = lineOf(event, look)
      if (line !== undefined) write(`${line}\n`)
    },
    [Symbol.dispose]() {},
  }
}

/** An event as a finished line; undefined when it only matters while it lasts. */
export function lineOf(event: Heard, look: Look): string | undefined {
  switch (event.type) {
    case 'phase-start': return event.expectedMs === undefined ? undefined : `  … ${event.phase} (about ${duration(event.expectedMs)})`
    case 'phase-end': return `  ${event.ok ? paint(look, 'green', 'done') : paint(look, 'red', 'ended')}  ${plainText(event.phase)} ${paint(look, 'dim', duration(event.durationMs))}`
    case 'note': return `  ${plainText(event.text)}`
    case 'check': return event.phase?.endsWith('undone') ? undefined : checkText(event.result, look)
    case 'phase': return phaseText(event.result, look)
  }
}
