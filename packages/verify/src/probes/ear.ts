import type { AskOptions, Batcher } from './batch.ts'
import type { Connection, ProbeRequest, ProbeResult } from './request.ts'

/** What looks ask through: the round's batcher, or that of one look. */
export interface Asking extends Pick<Batcher, 'conntrack' | 'run'> {
  /**
   * @param options.silenceIsRight set where no answer is what is asked for, e.g. of a blocked port
   * @param options.patiently set where an answer that comes late is one: waits {@link patienceMs} instead of what the request says, if that is more
   * @param options.forAll set where one answer does for all who ask the same in the same moment
   */
  ask(node: string, request: ProbeRequest, options?: AskOptions): Promise<ProbeResult>
}

/** Of a connection: nothing came back; or nobody answered the question for a neighbour (ARP), of which the kernel makes "no route to host". */
const stayedSilent = (one: Connection): boolean => one.class === 'TIMEOUT' || one.errno === 'EHOSTUNREACH'

/** Passes on what one look asks, and notes whether anything that should have been answered was not. */
export class Ear implements Asking {
  readonly #inner: Asking
  readonly #patient: boolean
  #silence = false

  /** @param options.patient waits longer for whatever should be answered. @default false */
  constructor(inner: Asking, { patient = false }: { patient?: boolean } = {}) {
    this.#inner = inner
    this.#patient = patient
  }

  /** Whether something stayed without an answer so far. A refusal is an answer. */
  get silence(): boolean { return this.#silence }

  async ask(node: string, request: ProbeRequest, options: AskOptions = {}): Promise<ProbeResult> {
    const result = await this.#inner.ask(node, request, { ...options, patiently: this.#patient && options.silenceIsRight !== true })
    this.#silence ||= options.silenceIsRight !== true && (result.class === 'TIMEOUT' || result.dns?.class === 'TIMEOUT' || result.connections.some(stayedSilent))
    return result
  }

  conntrack: Asking['conntrack'] = (node, protocol) => this.#inner.conntrack(node, protocol)
  run: Asking['run'] = (node, argv, input) => this.#inner.run(node, argv, input)
}
