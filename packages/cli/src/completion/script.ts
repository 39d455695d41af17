import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import { commandWords } from './words.ts'
import { zshScript } from './zsh.ts'

const shells = { bash: bashScript, zsh: zshScript, fish: fishScript } as const

/** A shell that completion exists for. */
export type Shell = keyof typeof shells

/** The text that `hoplab completion SHELL` prints. Lab ids are those of now: print it again when labs were added. */
export function completionScript(shell: Shell, labs: readonly string[]): string {
  return shells[shell](commandWords(labs))
}
