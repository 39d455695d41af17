import type { CommandWords } from './words.ts'

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** Completion for fish: commands and flags with their summaries, choices, lab ids. */
export function fishScript(words: readonly CommandWords[]): string {
  return words.flatMap((one) => {
    const here = `-n ${quoted(`__fish_seen_subcommand_from ${one.name}`)}`
    return [
      `complete -c hoplab -f -n __fish_use_subcommand -a ${one.name} -d ${quoted(one.summary)}`,
      ...(one.arguments.length > 0 ? [`complete -c hoplab -f ${here} -a ${quoted(one.arguments.join(' '))}`] : []),
      ...one.flags.map((flag) => `complete -c hoplab ${here} -l ${flag.name.slice(2)} -d ${quoted(flag.summary)}${flag.takesValue ? ` -x -a ${quoted(flag.choices.join(' '))}` : ''}`),
    ]
  }).join('\n')
}
