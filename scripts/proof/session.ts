import type { Deadline } from '@hoplab/core'
import { cleanSheet, type LabRun, proveCase } from '@hoplab/engine'
import type { PhaseResult } from '@hoplab/model'
import type { Cell } from './plan.ts'
import type { Row } from './row.ts'
import { seenOf } from './verdicts.ts'

/** What the cluster is in: as handed over, solved by solution 1 and nothing else, changed by a case, or not to be trusted any more. */
type State = 'handed-over' | 'solved' | 'changed' | 'dirty'

/** Is told of every case that is not as declared, with all its looks, also where that makes no row. */
export type Deviated = (cell: Cell, phase: PhaseResult) => Promise<void>

/** One cluster in which many cases of one lab are proven one after the other. Whoever makes it removes the lab of `run`. */
export class Session {
  readonly run: LabRun
  readonly #deviated: Deviated | undefined
  #state: State = 'dirty'

  constructor(run: LabRun, deviated?: Deviated) {
    this.run = run
    this.#deviated = deviated
  }

  /** Proves one case and returns its row. Throws when our environment failed: then nothing was proven and the cluster is dirty. */
  async prove(cell: Cell, deadline: Deadline): Promise<Row> {
    const before = this.#state
    this.#state = 'dirty'
    await this.#prepare(before, cell.case, deadline)
    const started = deadline.clock.now()
    const phase = await proveCase(this.run, deadline, cell.case)
    if (!phase.asDeclared) await this.#deviated?.(cell, phase)
    requireSeen(cell.case, phase)
    const row = await this.#row(cell, phase, deadline, deadline.clock.now() - started)
    this.#state = stateAfter(cell.case, phase)
    return row
  }

  async #prepare(before: State, name: string, deadline: Deadline): Promise<void> {
    const onSolved = name === 'healthy' || name.startsWith('fault:')
    if (before === 'dirty') await this.run.up(deadline, { recreate: true })
    const clean = before === 'dirty' || before === 'handed-over'
    if (!clean && !(onSolved && before === 'solved')) await cleanSheet(this.run, deadline)
    if (onSolved && before !== 'solved') await this.run.solve(deadline)
    if (name.startsWith('fault:') && before !== 'solved') await this.#requireWhole(deadline)
  }

  /** A fault is put into a lab that works. Measured here: a kube-proxy that was stopped as soon as all was applied still refused Services whose endpoints it had not written. */
  async #requireWhole(deadline: Deadline): Promise<void> {
    const { asDeclared, deviation } = await proveCase(this.run, deadline, 'healthy')
    if (!asDeclared) throw new Error(`The solved lab is not whole before the fault: ${deviation}`)
  }

  async #row(cell: Cell, phase: PhaseResult, deadline: Deadline, durationMs: number): Promise<Row> {
    const { lab, provider, cni, proxyMode, seed, case: name, repeat, key, inputs } = cell
    const { kubernetes, nodes } = (await this.run.cluster(deadline)).facts()
    const positions = new Map(nodes.map((node, index) => [node.name, index === 0 ? 'control-plane' : `worker-${index}`]))
    return {
      lab, provider, cni, proxyMode, ...(seed === undefined ? {} : { seed }), case: name, repeat, key, inputs, at: deadline.clock.timestamp(), kubernetes,
      asDeclared: phase.asDeclared, ...(phase.deviation === undefined ? {} : { deviation: phase.deviation }),
      ...seenOf(cell.about, phase, { name, network: { cni, proxyMode } }, positions), durationMs: Math.round(durationMs),
    }
  }
}

/** Of a solved lab that lacks nothing but what could not be looked at, nothing was seen against it. Of any other case a green that must not be would hide behind that. */
function requireSeen(name: string, { asDeclared, deviation = '', checks }: PhaseResult): void {
  const solved = name === 'healthy' || name.startsWith('solution:')
  const has = (wanted: string): boolean => checks.some(({ verdict }) => verdict === wanted)
  if (!asDeclared && solved && has('inconclusive') && !has('fail')) throw new Error(`Something could not be looked at: ${deviation}`)
}

/** Only a fault whose undo restored everything leaves a solved lab; any other may have left something that later cases would be blamed for. */
function stateAfter(name: string, { asDeclared, deviation = '' }: PhaseResult): State {
  if (name === 'untouched') return 'handed-over'
  if (name.startsWith('fault:')) return deviation.includes('its undo ') ? 'dirty' : 'solved'
  return name === 'healthy' || (name === 'solution:1' && asDeclared) ? 'solved' : 'changed'
}
