import { z } from 'zod'
import { checkResult, phaseResult } from './result.ts'

/** One thing the engine tells while a lab runs. Reporters read these and nothing else. */
export const labEvent = z.discriminatedUnion('type', [
  /** A check ended. `phase` is set while `run` or `prove` works. */
  z.strictObject({ type: z.literal('check'), phase: z.string().optional(), result: checkResult }),
  /** A phase of `run` or `prove` ended. */
  z.strictObject({ type: z.literal('phase'), result: phaseResult }),
])
/** See {@link labEvent}. */
export type LabEvent = z.infer<typeof labEvent>
