import type { Baseline } from '@hoplab/cluster'
import type { ErrorFacts } from '@hoplab/core'
import type { SavedLab, Spent } from '@hoplab/model'

/** Where one lab instance is remembered between commands and terminals. */
export interface LabStore {
  /** Undefined when nothing is remembered. @throws HOP_PROGRESS_UNREADABLE (exit 3) */
  read(): Promise<SavedLab | undefined>
  write(saved: SavedLab): Promise<void>
  readBaseline(): Promise<Baseline | undefined>
  writeBaseline(baseline: Baseline): Promise<void>
  /** What the learner spent under this name, in any cluster of it; empty when nothing. @throws HOP_PROGRESS_UNREADABLE (exit 3) */
  readSpent(): Promise<Spent>
  writeSpent(spent: Spent): Promise<void>
  /** Forgets progress and baseline. Evidence of failures and what was spent stay. */
  remove(): Promise<void>
  /** Makes a folder for the evidence of one failure, with the error in it; returns its path. It outlives the lab. */
  keepEvidence(facts: ErrorFacts): Promise<string>
}
