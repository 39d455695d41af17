import type { Deadline } from '@hoplab/core'
import type { Language } from '@hoplab/model'
import type { Look, Reporter } from '@hoplab/report'

/** Values of flags after environment variables and defaults: by camel-case name. */
export type FlagValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

/** Everything a command is given. */
export interface CommandContext {
  /** Positional arguments; an absent optional one is undefined, a variadic one is the rest. */
  args: readonly string[]
  flags: FlagValues
  /** Ends with the command's bound, Ctrl-C or SIGTERM. */
  deadline: Deadline
  language: Language
  json: boolean
  look: Look
  reporter: Reporter
  /** The result: stdout. Adds the newline. */
  print(text: string): void
  /** Talk: stderr. Adds the newline. */
  say(text: string): void
}

/** A flag that takes a value; undefined when not given. */
export function textFlag(context: CommandContext, name: string): string | undefined {
  const value = context.flags[name]
  return typeof value === 'string' ? value : undefined
}

/** The result as JSON in the product's one version, or as text. */
export function printResult(context: CommandContext, json: object, text: () => string): void {
  context.print(context.json ? JSON.stringify({ schemaVersion: 1, ...json }) : text())
}

/** The same context with a reporter that leaves single checks to the result; a reader of NDJSON still gets them. */
export function withoutCheckLines(context: CommandContext): CommandContext {
  if (context.flags.progress === 'json') return context
  const { reporter } = context
  return { ...context, reporter: {
    hear: (event) => { if (event.type !== 'check') reporter.hear(event) },
    [Symbol.dispose]: () => reporter[Symbol.dispose](),
  } }
}
