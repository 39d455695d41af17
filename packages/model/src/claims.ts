import { z } from 'zod'
import { localized, slug } from './text.ts'

/** What shows a claim on a cluster: a check that is green while the claim holds, and a case of the same lab in which it is red. */
export const claimProof = z.strictObject({
  lab: slug,
  step: slug,
  check: slug,
  /** Folder of a fault or near-miss of the lab whose declaration makes the check fail, e.g. `faults/1-selector-typo`. */
  counterCase: z.string().regex(/^(?:faults|near-misses)\/[a-z0-9-]+$/u, 'must look like "faults/1-name" or "near-misses/1-name"'),
})
/** See {@link claimProof}. */
export type ClaimProof = z.infer<typeof claimProof>

/** One factual sentence of the revision notes. */
export const claim = z.strictObject({
  /** Section of the notes and a number within it, e.g. `2.1`. */
  id: z.string().regex(/^[1-7]\.[1-9][0-9]?$/u, 'must be a section and a number, like "2.1"'),
  /** The sentence as the notes have it: whole lines of theirs, word for word. */
  words: z.string().min(1),
  /** The same in English. */
  en: z.string().min(1),
  /** The precise version of a sentence that simplifies. */
  note: localized.optional(),
  /** What proves it. Several where the sentence says several things: each proves one of them. */
  proof: z.array(claimProof).default([]),
  /** What no lab shows of it yet. The claim is open as long as this is here, also beside proofs of its other parts. */
  missing: localized.optional(),
}).refine((one) => one.proof.length > 0 || one.missing !== undefined, { path: ['proof'], message: 'must name a proof, or "missing" must say what no lab shows yet' })
/** See {@link claim}. */
export type Claim = z.infer<typeof claim>

/** `claims.yaml`: every factual sentence of the notes, in their order, with what proves it. */
export const claimsFile = z.strictObject({
  /** How many claims are open. Compared with the count, so that it changes only knowingly. */
  open: z.int().min(0),
  /** Lines of the notes that claim nothing: titles, and beginnings of lists. */
  headings: z.array(z.string().min(1)),
  claims: z.array(claim).min(1),
})
/** See {@link claimsFile}. */
export type ClaimsFile = z.infer<typeof claimsFile>

/** Whether something of the claim is not proven yet. */
export const isOpen = (one: Pick<Claim, 'missing'>): boolean => one.missing !== undefined
