import type { HandPhase } from './by-hand.ts'
import { median } from './figures.ts'

/** One way of bringing a cluster up: the whole, its parts, and what its nodes used in the end. Parts of hoplab's overlap. */
export interface Brought { ms: number; phases: readonly HandPhase[]; memoryGiB: number }

/** What was measured of one CNI. */
export interface CniRounds { cni: string; rounds: { hoplab: Brought; hand: Brought }[] }

/** What is asked for: median of hoplab's seconds over those by hand, round by round. */
const bound = 1.05

const ratios = ({ rounds }: CniRounds): number[] => rounds.map(({ hoplab, hand }) => hoplab.ms / hand.ms)

/** Whether a CNI takes longer with hoplab than is asked for. */
export const missesBound = (one: CniRounds): boolean => !(median(ratios(one)) <= bound)

/** Medians as a Markdown table: a column for each CNI, a row for each figure; a phase that a CNI does not have is `-`. */
export function cniTable(measured: readonly CniRounds[]): string {
  const row = (name: string, values: (one: CniRounds) => number[], digits = 1): string =>
    `| ${[name, ...measured.map((one) => { const all = values(one); return all.length === 0 ? '-' : median(all).toFixed(digits) })].join(' | ')} |`
  const seconds = (way: 'hoplab' | 'hand') => (one: CniRounds): number[] => one.rounds.map((round) => round[way].ms / 1_000)
  const parts = (way: 'hoplab' | 'hand', prefix: string): string[] => phasesOf(measured, way).map((phase) =>
    row(`${prefix} ${phase}`, ({ rounds }) => rounds.flatMap((round) => round[way].phases.filter((part) => part.phase === phase).map(({ ms }) => ms / 1_000))))
  const memory = (way: 'hoplab' | 'hand') => ({ rounds }: CniRounds): number[] => rounds.map((round) => round[way].memoryGiB)
  return [
    `| figure | ${measured.map(({ cni }) => cni).join(' | ')} |`, `| --- |${' --- |'.repeat(measured.length)}`,
    row('hoplab up, s', seconds('hoplab')), row('by hand, s', seconds('hand')), row(`ratio (asked: ${bound} or less)`, ratios, 2),
    ...parts('hoplab', 'hoplab:'), ...parts('hand', 'by hand:'),
    row('memory of three nodes with hoplab, GiB', memory('hoplab'), 2), row('memory of three nodes by hand, GiB', memory('hand'), 2),
  ].join('\n')
}

/** Names of the phases in the order in which they were first seen; that of the whole command is left out. */
function phasesOf(measured: readonly CniRounds[], way: 'hoplab' | 'hand'): string[] {
  return [...new Set(measured.flatMap(({ rounds }) => rounds.flatMap((round) => round[way].phases.map(({ phase }) => phase))))].filter((phase) => !phase.startsWith('up '))
}
