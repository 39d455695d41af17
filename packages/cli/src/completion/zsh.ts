import type { CommandWords } from './words.ts'

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
const described = (text: string): string => text.replaceAll(/[[\]:]/gu, ' ')

/** Completion for zsh: commands and flags with their summaries, choices, lab ids. */
export function zshScript(words: readonly CommandWords[]): string {
  return [
    '#compdef hoplab',
    '_hoplab() {',
    '  local context state line',
    "  _arguments -C '1:command:->command' '*::argument:->argument'",
    '  case "$state" in',
    '    command) local -a commands=(', ...words.map((one) => `      ${quoted(`${one.name}:${described(one.summary)}`)}`), "    ); _describe 'command' commands ;;",
    '    argument) case "$line[1]" in',
    ...words.map((one) => `      ${one.name}) _arguments ${argumentsOf(one)} ;;`),
    '    esac ;;',
    '  esac',
    '}',
    'compdef _hoplab hoplab',
  ].join('\n')
}

function argumentsOf(one: CommandWords): string {
  const flags = one.flags.map((flag) => quoted(`${flag.name}[${described(flag.summary)}]${flag.takesValue ? `:value:(${flag.choices.join(' ')})` : ''}`))
  return [...flags, quoted(`*:argument:(${one.arguments.join(' ')})`)].join(' ')
}
