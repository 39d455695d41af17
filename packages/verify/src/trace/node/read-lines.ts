import { plainLine } from '@hoplab/core'
import { Broken } from '../../probes/broken.ts'

/** First words of the lines that our scripts print. */
const ours = 'before-rules|before-kernel|after-rules|after-kernel|said|pcap|links|told|body|gone|conntrack|table|forward|route|neighbours|fdb|proxy'
const line = new RegExp(String.raw`^((?:${ours})(?: [0-9a-z-]+)?) ((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$`, 'u')

/** What a script of `scripts.ts` printed: by key, the bytes as they were. */
export class ScriptOutput {
  readonly #values: ReadonlyMap<string, Uint8Array>

  /** @throws Broken when the output has no end, or a line that no script prints: cut or foreign output counts nothing. */
  constructor(stdout: string, id: string) {
    const lines = stdout.split('\n').filter((text) => text !== '')
    if (lines.pop() !== `end ${id}`) throw broken('its output has no end')
    this.#values = new Map(lines.map((printed) => {
      const [, key = '', text = ''] = line.exec(printed) ?? []
      if (key === '') throw broken(`it printed ${plainLine(printed, 80)}`)
      return [key, Uint8Array.from(atob(text), (character) => character.charCodeAt(0))]
    }))
  }

  bytes(key: string): Uint8Array | undefined { return this.#values.get(key) }
  text(key: string): string { return new TextDecoder().decode(this.#values.get(key) ?? new Uint8Array()) }
}

const broken = (why: string): Broken => new Broken(`The trace in a node's toolbox cannot be believed: ${why}.`, { hopeless: false })
