import type { Language } from '@hoplab/model'

/** Language of lab texts: the flag, then HOPLAB_LANG (read with the flag), then LANG; `hi…` means Hinglish, everything else English. */
export function languageOf(flag: string | undefined, env: Readonly<Record<string, string | undefined>>): Language {
  if (flag === 'en' || flag === 'hi-Latn') return flag
  return /^hi(?![a-z])/iu.test(env.LC_ALL || env.LC_MESSAGES || env.LANG || '') ? 'hi-Latn' : 'en'
}
