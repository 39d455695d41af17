import { stateDifferences } from '@hoplab/cluster'
import { type Deadline, poll } from '@hoplab/core'
import { cleanSheet, type LabRun, proveCase } from '@hoplab/engine'
import type { PhaseResult } from '@hoplab/model'
import type { Cell } from './plan.ts'
import type { Row } from './row.ts'
import { seenOf } from './verdicts.ts'

/** Bound in which nodes must look as before a fault after it was taken back. Milliseconds; agents write their routes and rules anew within it. */
const nodesWithinMs = 20_000

type NodeStates = Parameters<typeof stateDifferences>[0]

/** What the cluster is in: as handed over, solved by solution 1 and nothing else, changed by a case, or not to be trusted any more. */
type State = 'handed-over' | 'solved' | 'changed' | 'dirty'

/** One cluster in which many cases of one lab are proven one after the other. Whoever makes it calls `run.down`. */
export class Session {
  readonly run: LabRun
  #state: State = 'dirty'
  #solvedNodes: NodeStates | undefined

  constructor(run: LabRun) { this.run = run }

  /** Proves one case and returns its row. Throws when our environment failed: then nothing was proven and the cluster is dirty. */
  async prove(cell: Cell, deadline: Deadline): Promise<Row> {
    const before = this.#state
    this.#state = 'dirty'
    await this.#prepare(before, cell.case, deadline)
    const started = deadline.clock.now()
    const phase = await proveCase(this.run, deadline, cell.case)
    const left = cell.case.startsWith('fault:') ? await this.#leftOnNodes(deadline) : undefined
    this.#state = stateAfter(cell.case, phase.asDeclared && left === undefined)
    return this.#row(cell, phase, left, deadline, deadline.clock.now() - started)
  }

  async #prepare(before: State, name: string, deadline: Deadline): Promise<void> {
    const onSolved = name === 'healthy' || name.startsWith('fault:')
    if (before === 'dirty') await this.run.up(deadline, { recreate: true })
    const clean = before === 'dirty' || before === 'handed-over'
    if (!clean && !(onSolved && before === 'solved')) await cleanSheet(this.run, deadline)
    if (onSolved && before !== 'solved') await this.run.solve(deadline)
    if (name.startsWith('fault:') && (before !== 'solved' || !this.#solvedNodes)) this.#solvedNodes = await this.#nodes(deadline)
  }

  /** What a fault left on the nodes after it was taken back; undefined when nothing. */
  async #leftOnNodes(deadline: Deadline): Promise<string | undefined> {
    const solved = this.#solvedNodes ?? {}
    const looked = await poll(async () => stateDifferences(solved, await this.#nodes(deadline)), { deadline, withinMs: nodesWithinMs, everyMs: 500, until: (found) => found.length === 0 })
    if (looked.ok) return undefined
    return `its undo leaves nodes changed: ${looked.last.map(({ where, what, baseline, now }) => `${where} ${what} was ${baseline || 'absent'}, is ${now || 'absent'}`).join('; ')}`
  }

  async #nodes(deadline: Deadline): Promise<NodeStates> {
    const cluster = await this.run.cluster(deadline)
    return (await cluster.takeBaseline(this.run.spec.lab.file.namespaces, deadline)).nodes
  }

  async #row(cell: Cell, phase: PhaseResult, left: string | undefined, deadline: Deadline, durationMs: number): Promise<Row> {
    const { lab, provider, cni, proxyMode, case: name, repeat, key, inputs } = cell
    const deviation = [phase.deviation, left].filter((one) => one !== undefined).join('; ')
    const cluster = await this.run.cluster(deadline)
    const { kubernetes, nodes } = cluster.facts()
    const positions = new Map(nodes.map((node, index) => [node.name, index === 0 ? 'control-plane' : `worker-${index}`]))
    return {
      lab, provider, cni, proxyMode, case: name, repeat, key, inputs, at: deadline.clock.timestamp(), kubernetes,
      asDeclared: deviation === '', ...(deviation === '' ? {} : { deviation }),
      ...seenOf(cell.about, phase, { name, mode: proxyMode }, positions), durationMs: Math.round(durationMs),
    }
  }
}

function stateAfter(name: string, asDeclared: boolean): State {
  if (name === 'untouched') return 'handed-over'
  if (name.startsWith('fault:')) return asDeclared ? 'solved' : 'dirty'
  return name === 'healthy' || (name === 'solution:1' && asDeclared) ? 'solved' : 'changed'
}
