import { duration } from './duration.ts'
import { type Look, paint } from './look.ts'
import { type Heard, lineOf, type Reporter, type Write } from './talk.ts'

interface Running { phase: string; since: number; expectedMs: number | undefined }

/** How often the last line is rewritten. Milliseconds. */
const everyMs = 120

const frames = { unicode: [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'], ascii: [...'|/-\\'] }

/**
 * Finished lines like `plainReporter`, and below them one living line: what is being done, for how long, how long it usually takes.
 * Only for a terminal; the living line is wiped on disposal.
 */
export function spinnerReporter(write: Write, look: Look, now: () => number = () => performance.now()): Reporter {
  const running: Running[] = []
  let frame = 0
  const wipe = (): void => write('\r\u001B[K')
  const draw = (): void => {
    const last = running.at(-1)
    if (!last) return
    const signs = look.unicode ? frames.unicode : frames.ascii
    const expected = last.expectedMs === undefined ? '' : ` of about ${duration(last.expectedMs)}`
    write(`\r\u001B[K${paint(look, 'cyan', signs[frame++ % signs.length] ?? '')} ${running.map((one) => one.phase).join(' > ')} ${paint(look, 'dim', `${Math.floor((now() - last.since) / 1000)} s${expected}`)}`)
  }
  const timer = setInterval(draw, everyMs)
  timer.unref()
  const hear = (event: Heard): void => {
    if (event.type === 'phase-start') { running.push({ phase: event.phase, since: now(), expectedMs: event.expectedMs }); return draw() }
    if (event.type === 'phase-end') removeLast(running, event.phase)
    const line = lineOf(event, look)
    wipe()
    if (line !== undefined) write(`${line}\n`)
    draw()
  }
  return { hear, [Symbol.dispose]() { clearInterval(timer); if (running.length > 0) wipe() } }
}

function removeLast(running: Running[], phase: string): void {
  const index = running.findLastIndex((one) => one.phase === phase)
  if (index >= 0) running.splice(index, 1)
}
