import { z } from 'zod'
import { faultVerb } from './fault-verb.ts'
import { objectRef, podRef } from './target.ts'
import { slug } from './text.ts'

/**
 * A value that is read from the running cluster at the moment it is needed, because no author can know it:
 * a Pod's address, a Service's ClusterIP. `field` is a dotted path such as `status.podIP` or `spec.ports[0].port`.
 */
export const liveValue = z.union([
  /** Of the Pod, or of the first by name of the running Pods with these labels. */
  z.strictObject({ pod: podRef, field: z.string().min(1) }),
  /** Of any object; the namespace defaults to the lab's first. */
  z.strictObject({ object: objectRef, field: z.string().min(1) }),
])
/** See {@link liveValue}. */
export type LiveValue = z.infer<typeof liveValue>

/** The verb is carried out only where the seed drew the fault with this id (`seed` in lab.yaml); without it always. */
const drawn = { drawn: slug.optional() }

/** One change to the lab's cluster. Solutions, near-misses, submissions and faults are lists of these. */
export const verb = z.union([
  /** Server-side apply of a manifest file (or folder) beside this one. */
  z.strictObject({ ...drawn, apply: z.string() }),
  z.strictObject({ ...drawn, delete: objectRef }),
  /** Inside `value`, an object `{ $live: … }` (a {@link liveValue}) stands for what the cluster says when the patch is made. */
  z.strictObject({ ...drawn, patch: objectRef, type: z.enum(['merge', 'json', 'strategic']).default('strategic'), value: z.json() }),
  /** A command inside a container of a Pod. */
  z.strictObject({ ...drawn, pod: podRef, container: z.string().optional(), argv: z.array(z.string()).min(1) }),
  /** A command in a node's network namespace; argv[0] must be on the lab's `nodeCommands` list. */
  z.strictObject({ ...drawn, node: z.string(), argv: z.array(z.string()).min(1) }),
])
/** See {@link verb}. */
export type Verb = z.infer<typeof verb>

/** `steps.yaml`. */
export const verbList = z.array(verb).min(1)

/** What a fault does: changes, and faults by name. Solutions, near-misses and submissions have no faults by name. */
export const faultVerbList = z.array(z.union([...verb.options, faultVerb])).min(1)

/** A value of `answers.yaml`: text, or a {@link liveValue} that is read when the answers are given. */
export const answerValue = z.union([z.string(), liveValue])
/** `answers.yaml`. */
export const answersFile = z.record(z.string(), answerValue)
/** See {@link answersFile}. */
export type Answers = z.infer<typeof answersFile>
