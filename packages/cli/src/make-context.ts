import { Deadline } from '@hoplab/core'
import { type Look, lookOf, ndjsonReporter, plainReporter, type Reporter, spinnerReporter } from '@hoplab/report'
import type { CommandEntry } from './command-entry.ts'
import type { CommandContext, FlagValues } from './context.ts'
import { languageOf } from './language.ts'

/** What a context is made from. */
export interface ContextParts { entry: CommandEntry; args: readonly string[]; flags: FlagValues; signal: AbortSignal }

/** The context of one command; disposing ends its deadline's timer and what its reporter shows. */
export function contextOf({ entry, args, flags, signal }: ContextParts): { context: CommandContext } & Disposable {
  const deadline = Deadline.start(`hoplab ${entry.name}`, boundMs(entry), { signal })
  const look = lookOf({ env: process.env, isTTY: process.stderr.isTTY === true })
  const reporter = reporterOf(String(flags.progress ?? 'auto'), look)
  const context: CommandContext = {
    args, flags, deadline, look, reporter,
    language: languageOf(typeof flags.lang === 'string' ? flags.lang : undefined, process.env),
    json: flags.json === true,
    print: (text) => process.stdout.write(`${text}\n`),
    say: (text) => reporter.hear({ type: 'note', text }),
  }
  return { context, [Symbol.dispose]() { reporter[Symbol.dispose](); deadline[Symbol.dispose]() } }
}

function boundMs(entry: CommandEntry): number {
  const factor = Number(process.env.HOPLAB_TIMEOUT_FACTOR ?? 1)
  return entry.minutes === 'none' ? Infinity : entry.minutes * 60_000 * (Number.isFinite(factor) && factor > 0 ? factor : 1)
}

function reporterOf(how: string, look: Look): Reporter {
  const write = (text: string): void => { process.stderr.write(text) }
  if (how === 'json') return ndjsonReporter(write)
  return how === 'plain' || !look.live ? plainReporter(write, look) : spinnerReporter(write, look)
}
