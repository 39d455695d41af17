import type { CommandEntry, FlagEntry } from '../command-entry.ts'
import { commands } from '../command-table.ts'
import { globalFlags } from '../flags.ts'

/** What can follow a command. */
export interface CommandWords {
  name: string
  summary: string
  /** First arguments: choices, or lab ids where a lab is asked for. */
  arguments: readonly string[]
  flags: readonly { name: string; summary: string; choices: readonly string[]; takesValue: boolean }[]
}

/** Every command with its words, from the command table. */
export function commandWords(labs: readonly string[]): CommandWords[] {
  return commands.map((entry) => ({
    name: entry.name, summary: entry.summary, arguments: argumentsOf(entry, labs),
    flags: [...entry.flags, ...(entry.passThrough ? [] : globalFlags)].map(flagWords),
  }))
}

function argumentsOf(entry: CommandEntry, labs: readonly string[]): readonly string[] {
  const [first] = entry.arguments
  if (first?.choices) return first.choices
  return first && /lab/u.test(first.argument) ? labs : []
}

function flagWords(flag: FlagEntry): CommandWords['flags'][number] {
  return { name: flag.flag.split(' ')[0] ?? '', summary: flag.summary, choices: flag.choices ?? [], takesValue: flag.flag.includes('<') }
}
