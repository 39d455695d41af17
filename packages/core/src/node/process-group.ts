import { setTimeout as wait } from 'node:timers/promises'

/** Time a process group has between SIGTERM and SIGKILL. Milliseconds. */
export const graceMs = 5_000

const living = new Set<number>()
let watching = false

/** Remembers a group so that it gets SIGTERM when this process exits before it. Forget it with {@link forget}. */
export function remember(group: number): void {
  living.add(group)
  if (watching) return
  watching = true
  process.on('exit', () => { for (const left of living) signalGroup(left, 'SIGTERM') })
}

/** The group has ended. */
export function forget(group: number): void { living.delete(group) }

/** Ends every process of the group: SIGTERM, then SIGKILL for what is left after {@link graceMs}. Resolves when none is left. */
export async function endGroup(group: number): Promise<void> {
  signalGroup(group, 'SIGTERM')
  const until = performance.now() + graceMs
  while (performance.now() < until) {
    if (!signalGroup(group, 0)) return
    await wait(20)
  }
  signalGroup(group, 'SIGKILL')
}

/** False when the group has no process any more. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try { return process.kill(-group, signal) } catch { return false }
}
