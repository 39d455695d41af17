import { type Deadline, isAbort, messageOf, plainLine } from '@hoplab/core'
import type { LabView } from '../port.ts'
import { NotMet } from '../kinds/look.ts'
import { Broken } from './broken.ts'
import { ConntrackTable, parseConntrack } from './conntrack.ts'
import type { ProbeRequest, ProbeResult } from './request.ts'
import { probeThenRecords } from './records-script.ts'
import { Turns } from './turns.ts'
import { encodeBatch, parseBatch } from './wire.ts'

/** Longest a node may take for all probes of one batch, in milliseconds: far above the slowest honest one (all connections time out). */
const batchMs = 60_000

/**
 * Longest that a request may take and still share a batch with others, in milliseconds: a batch ends with its last request, so one that lies in wait
 * for a second mebibyte or a tenth datagram would keep from the others that they were left without an answer.
 */
const sharedMs = 2_500

/**
 * How long a look waits for an answer once one before it stayed without, in milliseconds. With three clusters on two processors (load 40) all of 50,000
 * connections between control Pods were answered, the slowest after 2.4 s, within a node after 1.3 s; no Pod had waited a second for a processor where
 * three proofs of 180 ended red by connections that were given two (measured here). What is dead stays silent. A SYN is sent again after 1 and 3 s (RFC 6298).
 */
const patienceMs = 6_000

/** How long a request takes when nothing is ever answered, in milliseconds. Many connections give up after the first who were not. */
function longestMs(request: ProbeRequest): number {
  if (!('timeoutMs' in request)) return 0
  return 'datagrams' in request ? request.datagrams * Math.max(request.everyMs, request.timeoutMs) : request.timeoutMs
}

/** The request as one that waits {@link patienceMs}; a held flow, whose every datagram is waited for, as it is. */
function withPatience(request: ProbeRequest): ProbeRequest {
  return 'timeoutMs' in request && !('datagrams' in request) ? { ...request, timeoutMs: Math.max(request.timeoutMs, patienceMs) } : request
}

/** How a request is meant; see `Asking.ask`. */
export interface AskOptions { silenceIsRight?: boolean; forAll?: boolean; patiently?: boolean }

/** One request whose answer is waited for. `begin` is called when it is sent. */
export interface Waiting { request: ProbeRequest; begin: () => void; resolve: (result: ProbeResult) => void; reject: (reason: unknown) => void }

/**
 * Collects what checks ask in the same moment and sends one batch per node: an exec costs about 0.1 s, a probe far less.
 * "The same moment" ends when no check can go on without an answer (the next macrotask), so a check's control travels with it.
 * What may take long goes at that moment too, but in a batch that nobody waits for.
 */
export class Batcher {
  readonly #view: LabView
  readonly #deadline: Deadline
  readonly #turns: Turns<Waiting>
  readonly #beside = new Turns<Waiting>({ overlap: true })
  /** Requests that are not sent yet and whose answer does for all who ask the same. */
  readonly #forAll = new Map<string, Promise<ProbeResult>>()
  readonly #tables = new Map<string, Promise<ConntrackTable>>()

  /** @param turns shared by all who send batches in the same verification */
  constructor(view: LabView, deadline: Deadline, turns: Turns<Waiting> = new Turns()) {
    this.#turns = turns
    this.#view = view
    this.#deadline = deadline
  }

  /**
   * Answer to one request from `node`. Rejects with {@link Broken} when the probe program or the toolbox failed.
   * @param options.forAll see {@link Asking}
   * @param options.patiently see {@link Asking}; a held flow is sent as it is
   */
  ask(node: string, wanted: ProbeRequest, { forAll = false, patiently = false }: Pick<AskOptions, 'forAll' | 'patiently'> = {}): Promise<ProbeResult> {
    // A ping leaves no record that a later one could take over.
    const turns = longestMs(wanted) > sharedMs || wanted.kind === 'ping' ? this.#beside : this.#turns
    const request = patiently ? withPatience(wanted) : wanted
    if (!forAll) return this.#ask(node, request, turns, () => {})
    const key = JSON.stringify([node, request])
    const asked = this.#forAll.get(key) ?? this.#ask(node, request, turns, () => { this.#forAll.delete(key) })
    this.#forAll.set(key, asked)
    return asked
  }

  #ask(node: string, request: ProbeRequest, turns: Turns<Waiting>, begin: () => void): Promise<ProbeResult> {
    return new Promise((resolve, reject) => { turns.add(node, { request, begin, resolve, reject }, (batch) => this.#send(node, batch)) })
  }

  /** Connections that `node`'s kernel knows now. Asked at the same moment: read once. */
  conntrack(node: string, protocol: 'tcp' | 'udp' = 'tcp'): Promise<ConntrackTable> {
    const key = `${node} ${protocol}`
    const known = this.#tables.get(key)
    if (known) return known
    const table = new Promise<void>((resolve) => { setTimeout(resolve, 0) }).then(() => {
      this.#tables.delete(key)
      return this.run(node, ['conntrack', '-L', '-p', protocol])
    }).then((text) => new ConntrackTable(parseConntrack(text)))
    this.#tables.set(key, table)
    return table
  }

  async #send(node: string, waiting: readonly Waiting[]): Promise<void> {
    for (const { begin } of waiting) begin()
    try {
      const batch = encodeBatch(waiting.map(({ request }) => request))
      const results = parseBatch(await this.run(node, probeThenRecords(waiting.flatMap(({ request }) => (request.kind === 'udp' ? request.target : []))), batch.input), batch)
      for (const [index, entry] of waiting.entries()) {
        const result = results[index]
        const portless = result?.connections.find(({ errno }) => errno === 'EADDRNOTAVAIL')
        // The place it starts from set its own ports (a Pod's sysctl): the lab's state, not a failure of ours.
        if (portless) entry.reject(new NotMet(`A connection from ${node} found no free source port: its place's net.ipv4.ip_local_port_range is too small.`))
        else if (result?.class === 'ERROR') entry.reject(new Broken(`The probe on ${node} could not be carried out: ${result.detail}.`, { hopeless: false }))
        else if (result) entry.resolve(result)
      }
    } catch (thrown) {
      for (const entry of waiting) entry.reject(thrown)
    }
  }

  /** Output of a program in the toolbox of `node`; rejects with {@link Broken} when it fails. */
  async run(node: string, argv: readonly string[], input?: string): Promise<string> {
    using bound = this.#deadline.child(`probes on ${node}`, batchMs)
    const result = await this.#view.shell(node).exec(argv, { deadline: bound, ...(input === undefined ? {} : { input }) }).catch((thrown: unknown) => {
      if (isAbort(thrown) && this.#deadline.signal.aborted) throw thrown
      throw new Broken(`The toolbox of ${node} did not run ${argv.at(-1)}: ${plainLine(messageOf(thrown))}`, { hopeless: true, cause: thrown })
    })
    if (result.exitCode === 0) return result.stdout
    throw new Broken(`${argv.at(-1)} on ${node} ended with ${result.exitCode}: ${plainLine(result.stderr) || 'it said nothing'}.`, { hopeless: true })
  }
}
