/** One thing that long work tells while it goes on. */
export type ProgressEvent =
  | { type: 'phase-start'; phase: string; expectedMs?: number }
  | { type: 'phase-end'; phase: string; durationMs: number; ok: boolean }
  | { type: 'note'; text: string }

/** Takes progress events; must not throw and must not slow the work down. */
export type Progress = (event: ProgressEvent) => void

/** Progress nobody wants. */
export const silent: Progress = () => {}

/** Runs `work` as a named phase: tells its start, its end and how long it took. */
export async function phase<T>(
  progress: Progress, name: string, work: () => Promise<T>, expectedMs?: number,
): Promise<T> {
  progress({ type: 'phase-start', phase: name, ...(expectedMs === undefined ? {} : { expectedMs }) })
  const start = performance.now()
  let ok = false
  try {
    const value = await work()
    ok = true
    return value
  } finally {
    progress({ type: 'phase-end', phase: name, durationMs: performance.now() - start, ok })
  }
}
