import type { ExitCode } from '@hoplab/core'
import type { CommandContext } from './context.ts'

/** A flag of a command. Every flag has an environment variable; the flag wins over it. */
export interface FlagEntry {
  /** As commander reads it, e.g. `--proxy-mode <mode>`. */
  flag: string
  /** Environment variable. */
  env: string
  summary: string
  choices?: readonly string[]
  /** Used when neither flag nor variable is given. */
  default?: string
  /** May be given several times or with commas. */
  many?: boolean
}

/** A positional argument, as commander reads it: `<lab>`, `[step]`, `[args...]`. */
export interface ArgumentEntry { argument: string; summary: string; choices?: readonly string[] }

/** What a command does; its module is loaded only when the command is typed. */
export interface Handler { run(context: CommandContext): Promise<ExitCode | number> }

/** One command: the only source of `--help`, completion and the reference page. */
export interface CommandEntry {
  name: string
  summary: string
  arguments: readonly ArgumentEntry[]
  flags: readonly FlagEntry[]
  examples: readonly string[]
  /** Bound of the whole command in minutes; HOPLAB_TIMEOUT_FACTOR multiplies it. `none` = lasts as long as its user likes. */
  minutes: number | 'none'
  /** Everything after the command's name is passed on unread. */
  passThrough?: boolean
  load: () => Promise<Handler>
}
