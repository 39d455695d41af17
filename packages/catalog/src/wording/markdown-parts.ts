/** What stands in a text between backquotes, and the rest. */
export interface Parts {
  /** The text with its code blanked out, so that a character stands where it stood. */
  prose: string
  /** Fenced blocks, in order. */
  blocks: readonly string[]
  /** Code within lines, each with its place. */
  spans: readonly { code: string; offset: number }[]
}

/** Fenced blocks of code. */
export const fenced = /^```[^\n]*\n[\s\S]*?^```$/gmu

/** Splits Markdown into prose and code. */
export function partsOf(markdown: string): Parts {
  const blank = (text: string): string => text.replace(/[^\n]/gu, ' ')
  const blocks: string[] = []
  const spans: Parts['spans'][number][] = []
  const withoutBlocks = markdown.replace(fenced, (block) => { blocks.push(block); return blank(block) })
  const prose = withoutBlocks.replace(/`([^`]+)`/gu, (span, code: string, offset: number) => { spans.push({ code: code.replace(/\s+/gu, ' '), offset }); return blank(span) })
  return { prose, blocks, spans }
}

/** Words of prose with their places, in lower case. A word may have dots, dashes, colons and slashes within it. */
export function wordsOf(prose: string): { word: string; offset: number }[] {
  return [...prose.matchAll(/[\p{L}\p{N}]+(?:[-./:_][\p{L}\p{N}]+)*/gu)].map((match) => ({ word: match[0].toLowerCase(), offset: match.index }))
}
