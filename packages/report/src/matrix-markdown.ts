import { plainLine } from '@hoplab/core'
import type { MatrixColumn, MatrixResult } from '@hoplab/model'
import { matrixFactsOf, matrixFactTitles } from './matrix-facts.ts'
import { answerWord, matrixQuestions, matrixReasons, networkName } from './matrix-text.ts'

/** The comparison as two Markdown tables: verdicts, then how each network does it; reasons of what is no pass stand below the first. */
export function matrixMarkdown(result: MatrixResult): string {
  const { columns: networks } = result
  const verdicts = matrixQuestions(result).map(({ id, title }) => [title, ...networks.map((one) => answerWord(one, id))])
  const facts = matrixFactTitles.map((title) => [title, ...networks.map((one) => matrixFactsOf(one)?.[title] ?? 'not found')])
  const heading = networks.map(networkName)
  return [markdownTable(['question', ...heading], verdicts), '', ...reasons(networks), markdownTable(['how', ...heading], facts)].join('\n')
}

function reasons(networks: readonly MatrixColumn[]): string[] {
  const errors = networks.flatMap((one) => (one.error ? [`${networkName(one)}: ${one.error.what} ${one.error.why}`] : []))
  const lines = [...errors, ...matrixReasons(networks)].map((line) => `- ${text(line)}`)
  return lines.length === 0 ? [] : [...lines, '']
}

/** A table in Markdown; whatever a cell holds, it ends none. */
export function markdownTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(text).join(' | ')} |`
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n')
}

/** What a cell may hold without ending it or beginning a tag. */
const text = (cell: string): string => plainLine(cell, 600).replace(/[\\|`*_[\]]/gu, (sign) => `\\${sign}`).replaceAll('<', '&lt;')
