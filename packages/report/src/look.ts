import { styleText } from 'node:util'

/** Where talk goes and what it can show. */
export interface Look {
  /** Escape codes for colour. Off with NO_COLOR, off where output is no terminal, on with FORCE_COLOR. */
  colour: boolean
  /** Whether signs outside ASCII can be shown. */
  unicode: boolean
  /** Whether lines can be rewritten (a terminal that is not dumb, and nobody asked for plain lines). */
  live: boolean
}

/** What a look is decided from. */
export interface LookInput { env: Record<string, string | undefined>; isTTY: boolean }

/** Follows NO_COLOR (no-color.org), FORCE_COLOR, TERM=dumb, CI, the locale's character set, and HOPLAB_PROGRESS=plain|json. */
export function lookOf({ env, isTTY }: LookInput): Look {
  const dumb = env.TERM === 'dumb'
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0'
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  return {
    colour: !env.NO_COLOR && (forced || (isTTY && !dumb)),
    unicode: /utf-?8/iu.test(locale),
    live: isTTY && !dumb && !env.CI && env.HOPLAB_PROGRESS === undefined,
  }
}

type Style = Parameters<typeof styleText>[0]

/** `text` in a style where colours are on. Colour never carries meaning alone: the word stands beside it. */
export function paint(look: Look, style: Style, text: string): string {
  return look.colour ? styleText(style, text, { validateStream: false }) : text
}
