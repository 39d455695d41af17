import { z } from 'zod'
import { cniName, imageSource, providerName, proxyMode } from './cluster.ts'
import { cniOptions } from './cni-options.ts'
import { faultAction } from './fault-action.ts'
import { labResult } from './result.ts'

/** Version of {@link savedLab}; raised when an older hoplab could not read it. */
export const savedLabVersion = 1

/** What a learner gave up of one step. It stays whatever becomes of the cluster. */
export const spentOnStep = z.strictObject({
  /** Hint levels taken, 0 to 3. */
  hintsTaken: z.int().min(0).max(3).default(0),
  /** What `hoplab solve` did of it: `all`, or the `changes` (everything but its answers). That part earns no points. */
  solved: z.enum(['all', 'changes']).optional(),
})
/** See {@link spentOnStep}. */
export type SpentOnStep = z.infer<typeof spentOnStep>

/** What was spent under one instance name, by lab id and step id. Outlives `down`, `--recreate` and `clean`; `up --start-over` forgets it. */
export const spent = z.strictObject({
  schemaVersion: z.literal(savedLabVersion),
  labs: z.record(z.string(), z.record(z.string(), spentOnStep)),
})
/** See {@link spent}. */
export type Spent = z.infer<typeof spent>

/** What is known of one step of a lab that is up. */
export const savedStep = spentOnStep.extend({
  /** Given answers by question key, as text. */
  answers: z.record(z.string(), z.string()).default({}),
  /** Whether the last check of the whole step was green. */
  done: z.boolean().default(false),
})
/** See {@link savedStep}. */
export type SavedStep = z.infer<typeof savedStep>

/** `progress.json` of one lab instance: what another terminal needs to go on. */
export const savedLab = z.strictObject({
  schemaVersion: z.literal(savedLabVersion),
  /** Instance name, and id of the lab that runs in it. */
  name: z.string(),
  lab: z.string(),
  /** Hash of the lab's manifests as set up. */
  setUp: z.string(),
  /** Id of the cluster the lab was set up in. */
  runId: z.string(),
  provider: providerName,
  cni: cniName,
  /** Of the CNI, where they are not its default. */
  cniOptions: cniOptions.optional(),
  proxyMode,
  images: imageSource,
  internet: z.boolean(),
  seed: z.string(),
  /** Made by `run` or `prove`, which remove it at the end: a leftover once that command is gone. */
  temporary: z.boolean().default(false),
  /** True from the moment the learner owns the lab; what differs from then on is the learner's. */
  handedOver: z.boolean(),
  /** Names of the faults that are in. */
  faults: z.array(z.string()).default([]),
  /** What takes each of them back: one list for each of its faults by name, in the order they were put in. */
  undo: z.record(z.string(), z.array(z.array(faultAction))).optional(),
  /** What the seed's faults changed at set-up, one list for each, so that a reset can do it again on nodes. */
  planted: z.array(z.array(faultAction)).optional(),
  steps: z.record(z.string(), savedStep).default({}),
  lastResult: labResult.optional(),
})
/** See {@link savedLab}. */
export type SavedLab = z.infer<typeof savedLab>
