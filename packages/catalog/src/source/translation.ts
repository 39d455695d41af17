import { contentHash } from '@hoplab/core'

const firstLine = /^<!-- translation of en ([0-9a-f]{12}) -->\r?\n/u

/** The first line of a Hinglish text: which English text it says the same as. */
export const translationLine = (hash: string): string => `<!-- translation of en ${hash} -->\n`

/** A Hinglish file without its first line, if that is a {@link translationLine}, and the hash in it. */
export function splitTranslation(file: string): { from?: string; text: string } {
  const [line, from] = firstLine.exec(file) ?? []
  return line === undefined || from === undefined ? { text: file } : { from, text: file.slice(line.length) }
}

/** Hash of the words of a text: 48 bits of SHA-256. Lines broken elsewhere do not change it. */
export async function textHash(text: string): Promise<string> {
  return (await contentHash(text.trim().split(/\s+/u).join(' '))).slice(0, 12)
}
