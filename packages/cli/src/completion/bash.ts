import type { CommandWords } from './words.ts'

/** Completion for bash: commands, their flags, choices of a flag, lab ids. */
export function bashScript(words: readonly CommandWords[]): string {
  return [
    '_hoplab() {',
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" command="" index',
    '  for ((index = 1; index < COMP_CWORD; index++)); do',
    '    case "${COMP_WORDS[index]}" in -*) ;; *) command="${COMP_WORDS[index]}"; break ;; esac',
    '  done',
    '  case "$before" in',
    ...choicesOf(words).map(([flag, choices]) => `    ${flag}) COMPREPLY=($(compgen -W '${choices}' -- "$word")); return ;;`),
    '  esac',
    '  case "$command" in',
    ...words.map((one) => `    ${one.name}) COMPREPLY=($(compgen -W '${[...one.arguments, ...one.flags.map((flag) => flag.name)].join(' ')}' -- "$word")) ;;`),
    `    *) COMPREPLY=($(compgen -W '${words.map((one) => one.name).join(' ')} help' -- "$word")) ;;`,
    '  esac',
    '}',
    'complete -o default -F _hoplab hoplab',
  ].join('\n')
}

/** Each flag with choices once: the same flag means the same in every command. */
function choicesOf(words: readonly CommandWords[]): [string, string][] {
  const flags = words.flatMap((one) => one.flags).filter((flag) => flag.choices.length > 0)
  return [...new Map(flags.map((flag) => [flag.name, flag.choices.join(' ')]))]
}
