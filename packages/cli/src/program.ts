import { Argument, Command, Option } from 'commander'
import type { ArgumentEntry, CommandEntry, FlagEntry } from './command-entry.ts'
import { commands } from './command-table.ts'
import type { FlagValues } from './context.ts'
import { globalFlags } from './flags.ts'

/** Called with the command that was typed. */
export type Invoke = (entry: CommandEntry, args: readonly string[], flags: FlagValues) => Promise<void>

/** Where commander writes. */
export interface Streams { out: (text: string) => void; err: (text: string) => void }

/** The command line, built from the table. Throws `CommanderError` instead of exiting. */
export function buildProgram(invoke: Invoke, streams: Streams, version: string): Command {
  const program = new Command('hoplab')
    .description('Hands-on labs that teach Kubernetes networking by following real packets on real clusters.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .usage('<command> [arguments] [flags]')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: streams.out, writeErr: streams.err, outputError: () => {} })
    .addHelpText('after', endOfHelp)
  for (const flag of globalFlags) program.addOption(optionOf(flag))
  for (const entry of commands) addCommand(program, entry, invoke)
  return program
}

const endOfHelp = `
Exit codes: 0 done or all green, 1 a counted check failed, 2 wrong usage or file, 3 our environment failed, 130 interrupted.
Every flag has an environment variable, shown in a command's help. Colours follow NO_COLOR. Nothing is ever reported to anybody.`

function addCommand(program: Command, entry: CommandEntry, invoke: Invoke): void {
  const command = program.command(entry.name).summary(entry.summary).description(sentence(entry.summary))
  for (const argument of entry.arguments) command.addArgument(argumentOf(argument))
  for (const flag of [...entry.flags, ...(entry.passThrough ? [] : globalFlags)]) command.addOption(optionOf(flag))
  if (entry.passThrough) command.passThroughOptions().allowUnknownOption().helpOption(entry.name === 'kubectl' ? false : '-h, --help')
  command.addHelpText('after', `\nExamples:\n${entry.examples.map((example) => `  ${example}`).join('\n')}`)
  command.action(async () => {
    // A flag before the command counts as well as one after it, unless the later one was given explicitly.
    const own = command.opts<Record<string, string | boolean | string[]>>()
    const outer = program.opts<Record<string, string | boolean>>()
    const given = Object.fromEntries(Object.entries(own).filter(([name]) => command.getOptionValueSource(name) !== 'default' || !(name in outer)))
    await invoke(entry, command.args, { ...outer, ...given })
  })
}

function optionOf(entry: FlagEntry): Option {
  const option = new Option(entry.flag, entry.summary).env(entry.env)
  if (entry.choices) option.choices([...entry.choices])
  if (entry.default !== undefined) option.default(entry.default)
  if (entry.many) option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), ...value.split(',')])
  return option
}

function argumentOf(entry: ArgumentEntry): Argument {
  const argument = new Argument(entry.argument, entry.summary)
  return entry.choices ? argument.choices([...entry.choices]) : argument
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
