import { median } from './figures.ts'

/** What was measured of one lab. */
export interface LabRounds { lab: string; rounds: { upMs: number; proofMs: number; memoryGiB: number; notDeclared: readonly string[] }[] }

/** What a lab may need, in GiB: 6 GB. */
const mostGiB = 6e9 / 1_024 ** 3

/** Whether a lab ever needed more memory than is asked for, or its memory was never seen. */
export const missesMemory = ({ rounds }: LabRounds): boolean => !rounds.every(({ memoryGiB }) => memoryGiB > 0 && memoryGiB <= mostGiB)

/** Medians as a Markdown table, a row for each lab; ratios are to the first of them, round by round. */
export function labsTable(measured: readonly LabRounds[]): string {
  const [first] = measured
  const ratio = ({ rounds }: LabRounds, of: 'upMs' | 'proofMs'): string => median(rounds.map((round, i) => round[of] / (first?.rounds[i]?.[of] ?? Number.NaN))).toFixed(2)
  const seconds = ({ rounds }: LabRounds, of: 'upMs' | 'proofMs'): string => median(rounds.map((round) => round[of] / 1_000)).toFixed(1)
  return [
    `| lab | up, s | ratio | one proof, s | ratio | most memory, GiB (asked: ${mostGiB.toFixed(2)} or less) |`, '| --- | --- | --- | --- | --- | --- |',
    ...measured.map((one) => `| ${[one.lab, seconds(one, 'upMs'), ratio(one, 'upMs'), seconds(one, 'proofMs'), ratio(one, 'proofMs'), Math.max(...one.rounds.map(({ memoryGiB }) => memoryGiB)).toFixed(2)].join(' | ')} |`),
  ].join('\n')
}
