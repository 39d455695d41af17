import { type Language, languages } from '@hoplab/model'

/** How a language is called in an address: lower-case, since some servers fold case. */
export const slugOf = (language: Language): string => language.toLowerCase()

/** Every language with its name in itself. */
export const languageNames: Record<Language, string> = { en: 'English', 'hi-Latn': 'Hinglish' }

/** Languages with their slugs, for `getStaticPaths`. */
export const languagePaths = languages.map((language) => ({ params: { language: slugOf(language) }, props: { language } }))
