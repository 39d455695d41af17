import type { Flow, Sighting } from './flow.ts'
import { sightingAt, type Stage } from './stages.ts'

/** One stage of the path, with the packet if it was caught there. */
export interface Passed { stage: Stage; direction: 'request' | 'reply'; sighting: Sighting | undefined }

/** Where a packet was last seen, and where it should have been next. */
export interface Gap {
  direction: 'request' | 'reply'
  /** Undefined when it was seen nowhere. */
  last: Passed | undefined
  next: Passed
  /** Whether the capture of `next` proves that it was not there. */
  proven: boolean
}

/** Every stage that the packets passed or must have passed, request first; up to the last place where one was seen. */
export function passedBy(flow: Flow | undefined, stages: readonly Stage[]): Passed[] {
  return (['request', 'reply'] as const).flatMap((direction) => {
    const all = along(flow, stages, direction)
    const seenLast = all.findLastIndex(({ sighting }) => sighting !== undefined)
    return all.slice(0, seenLast + 1).filter(({ sighting, stage }) => sighting !== undefined || !stage.optional)
  })
}

/** The first gap of a path: the way of the request, then that of its answer. Undefined when both were seen to their end. */
export function gapIn(flow: Flow | undefined, stages: readonly Stage[]): Gap | undefined {
  for (const direction of ['request', 'reply'] as const) {
    const all = along(flow, stages, direction)
    const seenLast = all.findLastIndex(({ sighting }) => sighting !== undefined)
    const next = all.slice(seenLast + 1).find(({ stage }) => !stage.optional)
    if (next) return { direction, last: all[seenLast], next, proven: next.stage.capture?.proven === true }
  }
  return undefined
}

function along(flow: Flow | undefined, stages: readonly Stage[], direction: 'request' | 'reply'): Passed[] {
  const inOrder = direction === 'request' ? stages : stages.toReversed()
  const sightings = flow?.[direction] ?? []
  return inOrder.map((stage) => ({ stage, direction, sighting: sightingAt(stage, sightings, direction) }))
}
