import type { Deadline } from '@hoplab/core'

const pauseMs = 200

/**
 * Asks until the answer is yes. The last question begins when `forMs` milliseconds are over, not before: behind what others ask of a node one answer can
 * take longer than that to come back, and a question of the very beginning would decide alone (seen here on Weave, with a Pod that was one second old).
 */
export async function askUntil(deadline: Deadline, forMs: number, ask: () => Promise<boolean>): Promise<boolean> {
  const end = deadline.clock.now() + forMs
  for (;;) {
    const begun = deadline.clock.now()
    if (await ask()) return true
    if (begun >= end) return false
    await deadline.sleep(Math.max(0, Math.min(pauseMs, end - deadline.clock.now())))
  }
}
