export { canonicalJson, contentHash } from './canonical-json.ts'
export { type Clock, systemClock } from './clock.ts'
export { Deadline, HOP_DEADLINE_EXCEEDED, HOP_INTERRUPTED, isAbort } from './deadline.ts'
export {
  defineError, type ErrorDefinition, type ErrorFacts, type ExitCode, exitCodes, HopError, messageOf, type Position, type Raise, type RaiseOptions,
} from './errors.ts'
export { labels, namePrefix, neverReadyAnnotation, positionLabel } from './labels.ts'
export { plainLine, plainText } from './plain-text.ts'
export { type Attempt, poll, type PollOptions, type PollResult } from './poll.ts'
export { phase, type Progress, type ProgressEvent, silent } from './progress.ts'
