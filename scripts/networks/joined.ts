import { type MatrixResult, together } from '@hoplab/model'
import { networkName } from '@hoplab/report'

/** Several results as one, without what answers rest on. Throws where there is none, where a network is in two of them, or where they differ in what was made. */
export function joined(results: readonly MatrixResult[]): MatrixResult {
  const [first] = results
  if (!first) throw new Error('Name the files with the results.')
  const columns = results.flatMap((result) => result.columns.map((column) => ({ ...column, checks: [] })))
  const names = columns.map(networkName)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`${twice} is there twice.`)
  if (results.some(({ images, workers }) => images !== first.images || workers !== first.workers)) throw new Error('The results are of different images or of different numbers of workers.')
  return {
    ...first, takenAt: results.map(({ takenAt }) => takenAt).sort()[0] ?? first.takenAt, columns,
    verdict: together(columns.map(({ verdict }) => verdict)), durationMs: results.reduce((sum, { durationMs }) => sum + durationMs, 0),
  }
}
