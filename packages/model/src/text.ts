import { z } from 'zod'

/** Languages every lab text exists in. `hi-Latn` is Hinglish: Hindi in Latin script (BCP 47). */
export const languages = ['en', 'hi-Latn'] as const

/** One of {@link languages}. */
export type Language = (typeof languages)[number]

/** The same sentence in every language. */
export const localized = z.strictObject({ en: z.string().min(1), 'hi-Latn': z.string().min(1) })

/** See {@link localized}. */
export type Localized = z.infer<typeof localized>

/** Lower-case words joined by dashes, at most 40 characters: safe as an id, a file name and a Kubernetes name. */
export const slug = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/u, 'must be lower-case letters, digits and dashes, at most 40 characters')
