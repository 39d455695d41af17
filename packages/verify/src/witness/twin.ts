import type { Evidence } from '@hoplab/model'
import { NotMet } from '../kinds/look.ts'
import type { Exchange } from './exchange.ts'
import { requireAnswered } from './explain.ts'

/** Throws `NotMet` when a control exchange was not answered: beside a dead twin a claim that something does *not* answer means nothing. */
export function requireTwin(twin: Exchange, claim: string, evidence: readonly Evidence[]): void {
  try {
    requireAnswered(twin)
  } catch (thrown) {
    if (!(thrown instanceof NotMet)) throw thrown
    throw new NotMet(`The control must be answered for "${claim}" to mean anything, and it is not: ${thrown.message}`, [...evidence, ...thrown.evidence], thrown.firstBrokenHop)
  }
}
