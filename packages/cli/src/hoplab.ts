import { type Command, CommanderError } from 'commander'
import { type Deadline, HopError } from '@hoplab/core'
import type { CommandEntry } from './command-entry.ts'
import type { CommandContext, FlagValues } from './context.ts'
import { HOP_USAGE } from './errors.ts'
import { interruptible } from './interrupt.ts'
import { buildProgram } from './program.ts'

const version = '0.1.0'

/** Runs one command line and returns its exit code. Output is flushed when it returns. */
export async function hoplab(argv: readonly string[]): Promise<number> {
  ignoreClosedPipes()
  let code = 0
  const invoke = async (entry: CommandEntry, args: readonly string[], flags: FlagValues): Promise<void> => { code = await perform(entry, args, flags) }
  const program = buildProgram(invoke, { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) }, version)
  try {
    if (argv.length === 0) program.outputHelp()
    else await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    // Help and version end like an error of exit code 0.
    const said = error instanceof CommanderError ? error : undefined
    if (said?.exitCode !== 0) code = await ended(said ? usageOf(said, commandIn(program, argv)) : error, argv.includes('--json') || process.env.HOPLAB_JSON !== undefined)
  }
  await Promise.all([flushed(process.stdout), flushed(process.stderr)])
  return code
}

async function perform(entry: CommandEntry, args: readonly string[], flags: FlagValues): Promise<number> {
  const [{ contextOf }, handler] = await Promise.all([import('./make-context.ts'), entry.load()])
  using interruption = interruptible((text) => process.stderr.write(`${text}\n`))
  using parts = contextOf({ entry, args, flags, signal: interruption.signal })
  try {
    return await withinBound(parts.context, handler.run(parts.context))
  } catch (error) {
    parts.context.reporter[Symbol.dispose]()
    return ended(error, parts.context.json)
  }
}

/** The command's own work, kept whole: a bound that ends is thrown by the work itself, in order. */
async function withinBound(context: CommandContext, work: Promise<number>): Promise<number> {
  const code = await work
  interrupted(context.deadline)
  return code
}

function interrupted(deadline: Deadline): void {
  if (deadline.signal.aborted && deadline.signal.reason instanceof HopError && deadline.signal.reason.code === 'HOP_INTERRUPTED') throw deadline.signal.reason
}

/** Tells how a command ended that did not end well; returns its exit code. */
async function ended(thrown: unknown, json: boolean): Promise<number> {
  const { errorJson, errorText, factsOf, lookOf } = await import('@hoplab/report')
  const facts = factsOf(thrown)
  if (process.env.HOPLAB_DEBUG) console.error(thrown)
  if (json) process.stdout.write(`${errorJson(facts)}\n`)
  const look = lookOf({ env: process.env, isTTY: process.stderr.isTTY === true })
  process.stderr.write(`${errorText(facts, look)}\n`)
  return facts.exitCode
}

/** The command that was typed, as far as it is known. */
const commandIn = (program: Command, argv: readonly string[]): Command | undefined => program.commands.find((command) => command.name() === argv.find((word) => !word.startsWith('-')))

/** commander's message without its prefix; its suggestion becomes the fix, else how the command is called. */
function usageOf(error: CommanderError, command: Command | undefined): HopError {
  const said = error.message.replace(/^error: /u, '')
  const suggestion = /\(Did you mean .*\?\)/su.exec(said)?.[0]
  const called = command ? `Write "hoplab ${command.name()} ${command.usage()}"; "hoplab help ${command.name()}" tells more.` : 'Run "hoplab --help", or "hoplab help COMMAND".'
  return HOP_USAGE({ said: said.replace(suggestion ?? '', '').trim(), fix: suggestion ? `${suggestion.slice(1, -1)} "hoplab --help" lists all commands.` : called })
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => { stream.write('', () => resolve()) })
}

/** A reader that went away (`hoplab labs | head -1`) is no mistake. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => { if (error.code !== 'EPIPE') throw error })
  }
}
