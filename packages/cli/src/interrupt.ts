import { HOP_INTERRUPTED } from '@hoplab/core'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What {@link interruptible} needs of a process. */
export type SignalSource = Pick<NodeJS.Process, 'on' | 'off' | 'exit'>

/**
 * Turns Ctrl-C, SIGTERM and a closed terminal into an abort, so that the command ends in order: what it made is removed, then exit 130.
 * A second signal of any sort leaves at once with 130: the clean-up under way stops where it is, and `hoplab clean` finishes it.
 */
export function interruptible(say: (text: string) => void, source: SignalSource = process): { signal: AbortSignal } & Disposable {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      say('Leaving at once; run "hoplab clean" to remove what is left.')
      source.exit(130)
    }
    say('Stopping and removing what was made; once more to leave at once.')
    controller.abort(HOP_INTERRUPTED())
  }
  for (const name of signals) source.on(name, onSignal)
  return { signal: controller.signal, [Symbol.dispose]() { for (const name of signals) source.off(name, onSignal) } }
}
