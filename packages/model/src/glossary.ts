import { z } from 'zod'

const word = z.string().regex(/^[\p{Script=Latin}\p{N}][\p{Script=Latin}\p{N} -]*$/u, 'must be one or several words in Latin script')

/** `glossary.yaml`: how Hinglish texts of the labs are worded. */
export const glossaryFile = z.strictObject({
  /** Terms that stay English. A Hinglish step uses each that its English text uses. */
  stay: z.array(word).min(1),
  /** Hindi words for what is said in Hindi, each in one spelling. */
  prefer: z.array(z.strictObject({
    /** What is said, in English. */
    for: z.string().min(1),
    write: word,
    /** Other words and spellings for it, which lint refuses. */
    not: z.array(word).default([]),
  })).default([]),
  /** Words that lint refuses: translations that nobody speaks. */
  forbidden: z.array(z.strictObject({ word, write: word })).default([]),
})
/** See {@link glossaryFile}. */
export type GlossaryFile = z.infer<typeof glossaryFile>
