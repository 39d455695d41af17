import { z } from 'zod'
import { objectRef, podRef } from './target.ts'

/** One change to the lab's cluster. Solutions, near-misses, submissions and faults are lists of these. */
export const verb = z.union([
  /** Server-side apply of a manifest file (or folder) beside this one. */
  z.strictObject({ apply: z.string() }),
  z.strictObject({ delete: objectRef }),
  z.strictObject({ patch: objectRef, type: z.enum(['merge', 'json', 'strategic']).default('strategic'), value: z.json() }),
  /** A command inside a container of a Pod. */
  z.strictObject({ pod: podRef, container: z.string().optional(), argv: z.array(z.string()).min(1) }),
  /** A command in a node's network namespace; argv[0] must be on the lab's `nodeCommands` list. */
  z.strictObject({ node: z.string(), argv: z.array(z.string()).min(1) }),
])
/** See {@link verb}. */
export type Verb = z.infer<typeof verb>

/** `steps.yaml`. */
export const verbList = z.array(verb).min(1)

/** A value of `answers.yaml`: text, or a field of a Pod that is read when the answers are given. */
export const answerValue = z.union([z.string(), z.strictObject({ pod: podRef, field: z.string() })])
/** `answers.yaml`. */
export const answersFile = z.record(z.string(), answerValue)
/** See {@link answersFile}. */
export type Answers = z.infer<typeof answersFile>
