import type { MatrixColumn, MatrixResult } from '@hoplab/model'
import { cniText, markdownTable, matrixFactsOf, matrixFactTitles, matrixQuestions, networkName } from '@hoplab/report'

/** Marks in README.md around what is written here. */
const marks = ['<!-- networks: written by "pnpm gen" from proof/matrix.json -->', '<!-- end of networks -->'] as const

/** The README with its comparison of networks from `kept`. Throws where a mark is missing. */
export function readmeWith(readme: string, kept: MatrixResult): string {
  const [begin, end] = marks.map((mark) => readme.indexOf(mark))
  if (begin === undefined || end === undefined || begin < 0 || end < begin) throw new Error(`README.md must have the lines ${marks.join(' and ')}, in this order.`)
  return `${readme.slice(0, begin)}${marks[0]}\n${comparison(kept)}\n${readme.slice(end)}`
}

/** How each network does it, a column each; then what was asked of them and how that ended. */
export function comparison(kept: MatrixResult): string {
  const networks = [...Map.groupBy(kept.columns, cniText)]
  const rows = matrixFactTitles.map((title) => [title, ...networks.map(([, columns]) => merged(columns, (column) => matrixFactsOf(column)?.[title] ?? 'not found'))])
  return [markdownTable(['how', ...networks.map(([cni]) => cni)], rows), '', verdictsText(kept)].join('\n')
}

/** One text where all proxy modes agree, else each with its mode. */
function merged(columns: readonly MatrixColumn[], textOf: (column: MatrixColumn) => string): string {
  const texts = columns.map(textOf)
  return new Set(texts).size === 1 ? texts[0] ?? '' : columns.map(({ proxyMode }, index) => `${proxyMode}: ${texts[index]}`).join('; ')
}

function verdictsText(kept: MatrixResult): string {
  const { columns, takenAt } = kept
  const questions = matrixQuestions(kept)
  const bad = columns.flatMap((column) => [
    ...(column.error ? [`${networkName(column)}: ${column.error.what}`] : []),
    ...column.answers.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'not-offered').map(({ title, verdict }) => `${networkName(column)}: ${title}: ${verdict}`),
  ])
  const without = [...new Set(columns.filter(({ answers }) => answers.some(({ verdict }) => verdict === 'not-offered')).map(cniText))]
  const modes = [...new Set(columns.map(({ proxyMode }) => proxyMode))]
  return [
    `Seen on ${takenAt.slice(0, 10)} on ${columns.length} clusters, one for each network and kube-proxy mode (${modes.join(', ')}). Each was asked ${questions.length} questions: ${questions.map(({ title }) => title).join('; ')}.`,
    bad.length === 0 ? 'Every answer was as asked.' : `Not as asked: ${bad.join('; ')}.`,
    ...(without.length === 0 ? [] : [`Policies cannot be shown on ${listed(without)}, which enforce none.`]),
  ].join(' ')
}

/** `a`, `a and b`, `a, b and c`. */
const listed = (names: readonly string[]): string => [names.slice(0, -1).join(', '), ...names.slice(-1)].filter(Boolean).join(' and ')
