import { type Deadline, isAbort } from '@hoplab/core'
import type { BrokenHop } from '@hoplab/model'
import type { LabView } from '../../port.ts'
import { Round } from '../../round.ts'
import { Nobodies } from '../../scene/nobodies.ts'
import { takeSnapshot } from '../../scene/snapshot.ts'
import { connectMs } from '../../witness/exchange.ts'
import { brokenHopOf } from '../broken/broken-hop.ts'
import { masqueradeFault } from '../broken/masquerade.ts'
import { tell } from '../trace.ts'
import { watchRequests } from '../window.ts'
import { FoundHops } from './found-hops.ts'
import { type Red, type RedPath, redPaths } from './red-paths.ts'

/** Bound of all explanations of one round, in milliseconds: on an idle machine one takes about 2 s, with 20 times as many runnable processes as processors 7 s (measured here). */
const explainMs = 12_000
/** Paths looked at side by side, then the next as many; and all of one round: reds of one round mostly have one cause. */
const pathsAtOnce = 3
const mostPaths = 9
/** Requests to a Service at the same time: one broken endpoint of a few is hit by at least one of them. */
const mostAttempts = 8

/** What was found on paths before, filled up; and who is told as soon as a red check's hop is known, by its index. */
export interface Explaining { known: FoundHops; onFound(index: number, hop: BrokenHop): void }

/**
 * The first broken hop for each red check, as far as it can be found in time. Each path is looked at once, however many checks are red on it.
 * Never throws and never outlasts its bound, except that an interruption of the whole verification is thrown on.
 */
export async function explainReds(view: LabView, reds: readonly Red[], deadline: Deadline, explaining: Explaining = { known: new FoundHops(deadline.clock), onFound: () => {} }): Promise<(BrokenHop | undefined)[]> {
  using bound = deadline.child('explain what is red', explainMs)
  const hops: (BrokenHop | undefined)[] = reds.map(() => undefined)
  const over = new Promise<void>((resolve) => { bound.signal.addEventListener('abort', () => resolve(), { once: true }) })
  await Promise.race([over, explained(view, reds, bound, (index, hop) => { if (!hops[index]) { hops[index] = hop; explaining.onFound(index, hop) } }, explaining).catch((thrown: unknown) => {
    if (isAbort(thrown) && deadline.signal.aborted) throw thrown
  })])
  deadline.signal.throwIfAborted()
  return [...hops]
}

/** Tells hops as they are found, so that what is known when time is up counts. */
async function explained(view: LabView, reds: readonly Red[], deadline: Deadline, onFound: Explaining['onFound'], { known: found }: Explaining): Promise<void> {
  const round = new Round(view, await takeSnapshot(view, deadline), { answers: {}, deadline, nobodies: new Nobodies(view, deadline) })
  const paths = await Promise.all(reds.map((red) => redPaths(round, red)))
  const tellKnown = (): void => {
    for (const [index, each] of paths.entries()) {
      const hop = each.map((path) => found.get(keyOf(path))).find((one) => one !== undefined)
      if (hop) onFound(index, hop)
    }
  }
  tellKnown()
  const unique = [...new Map(paths.flat().map((path) => [keyOf(path), path]))].filter(([key]) => !found.get(key)).slice(0, mostPaths)
  const waiting = unique.values()
  await Promise.all(Array.from({ length: pathsAtOnce }, async () => {
    for (const [key, path] of waiting) {
      const hop = await explainPath(round, path).catch(() => undefined)
      if (hop) found.set(key, hop)
      tellKnown()
    }
  }))
}

const keyOf = ({ origin, goal, source }: RedPath): string => `${origin.name} ${goal.name} ${goal.address}:${goal.port} ${source}`

async function explainPath(round: Round, path: RedPath): Promise<BrokenHop | undefined> {
  const attempts = path.goal.service ? Math.min(mostAttempts, Math.max(1, path.goal.endpoints.length * 3)) : 1
  const seen = await watchRequests(round, path, { attempts, boundMs: connectMs })
  const all = seen.attempts.map((attempt) => tell(round, path, seen, attempt))
  const failed = all.find((told) => told.class !== 'OK')
  const broken = failed && await brokenHopOf(round, path, failed, seen)
  if (broken) return broken
  // A request that a busy node was too slow for hides nothing that the others show.
  return path.source ? all.map((told) => masqueradeFault(told, seen)).find((hop) => hop !== undefined) : undefined
}
