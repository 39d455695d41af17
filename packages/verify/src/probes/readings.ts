import { plainLine } from '@hoplab/core'
import type { z } from 'zod'
import { Broken } from './broken.ts'

/** What one program on a node printed to its standard output, whole, and how it ended. */
export interface Reading { exitCode: number; text: string }

/** Longest one program may take, in seconds. */
const programSeconds = 10

/** Runs the programs one after the other. Arguments: mark, then per program the number of its words and the words. */
const script = `mark=$1; shift
while (($#)); do timeout -k 1 ${programSeconds} "\${@:2:$1}" 2>/dev/null; printf '\\n%s %d\\n' "$mark" $?; shift $(($1 + 1)); done
printf '%s end\\n' "$mark"`

/** Name of the script, by which fakes know it. */
export const readingsProgram = 'hoplab-readings'

interface Waiting { argv: readonly string[]; resolve: (reading: Reading) => void; reject: (reason: unknown) => void }

/**
 * Programs that looks want to run on a node in the same moment go there with one exec (it costs about 0.1 s, a program far less), and the same
 * program runs once. A mark that no program can know stands behind each output and behind the last, so that what was cut off is never read.
 */
export class Readings {
  readonly #run: (node: string, argv: readonly string[]) => Promise<string>
  readonly #queues = new Map<string, Waiting[]>()

  /** @param run output of a program in the toolbox of a node; rejects when it fails */
  constructor(run: (node: string, argv: readonly string[]) => Promise<string>) { this.#run = run }

  /** Runs argv in `node`'s network and process namespaces. Rejects with {@link Broken} when the output is not whole. */
  of(node: string, argv: readonly string[]): Promise<Reading> {
    return new Promise((resolve, reject) => {
      const waiting = { argv, resolve, reject }
      const queue = this.#queues.get(node)
      if (queue) { queue.push(waiting); return }
      this.#queues.set(node, [waiting])
      setTimeout(() => { void this.#flush(node) }, 0)
    })
  }

  async #flush(node: string): Promise<void> {
    const queue = this.#queues.get(node) ?? []
    this.#queues.delete(node)
    const programs = [...new Map(queue.map(({ argv }) => [JSON.stringify(argv), argv]))]
    try {
      const mark = `hoplab-${crypto.randomUUID()}`
      const text = await this.#run(node, ['bash', '-c', script, readingsProgram, mark, ...programs.flatMap(([, argv]) => [String(argv.length), ...argv])])
      const readings = new Map(parse(text, mark, programs.length, node).map((reading, index) => [programs[index]?.[0], reading]))
      for (const { argv, resolve } of queue) resolve(readings.get(JSON.stringify(argv)) as Reading)
    } catch (thrown) {
      for (const { reject } of queue) reject(thrown)
    }
  }
}

function parse(text: string, mark: string, count: number, node: string): Reading[] {
  const [first = '', ...rest] = text.split(`\n${mark} `)
  const last = rest.pop()
  const endings = rest.map((part) => /^(\d+)(?:\n|$)/u.exec(part))
  if (last !== 'end\n' || rest.length !== count || endings.includes(null)) throw new Broken(`What programs on ${node} printed did not arrive whole.`, { hopeless: false })
  const texts = [first, ...rest.map((part, index) => part.slice(endings[index]?.[0].length ?? 0))]
  return endings.map((ending, index) => ({ exitCode: Number(ending?.[1]), text: texts[index] ?? '' }))
}

/** The text of a program that succeeded and printed something. Throws {@link Broken} for anything else. */
export function textOf(reading: Reading, what: string): string {
  const text = textOfList(reading, what)
  if (text.trim() === '') throw new Broken(`${what}: the program printed nothing.`, { hopeless: false })
  return text
}

/** The text of a program that succeeded, where an empty list is an answer. Throws {@link Broken} when it did not. */
export function textOfList({ exitCode, text }: Reading, what: string): string {
  if (exitCode === 127 || exitCode === 126) throw new Broken(`${what}: the program is missing there.`, { hopeless: true })
  if (exitCode === 124 || exitCode === 137) throw new Broken(`${what}: the program did not end within ${programSeconds} s.`, { hopeless: false })
  if (exitCode !== 0) throw new Broken(`${what}: the program ended with ${exitCode}.`, { hopeless: false })
  return text
}

/** The JSON that a program printed, of the shape asked for. Throws {@link Broken} for anything else. */
export function jsonOf<T>(reading: Reading, what: string, shape: z.ZodType<T>): T {
  const text = textOf(reading, what)
  try {
    const parsed = shape.safeParse(JSON.parse(text))
    if (parsed.success) return parsed.data
  } catch {
    // Falls through: cut or no JSON.
  }
  throw new Broken(`${what}: what was printed is not what this program prints: ${plainLine(text, 80)}`, { hopeless: false })
}
