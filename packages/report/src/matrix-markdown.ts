import { plainLine } from '@hoplab/core'
import type { MatrixColumn, MatrixResult } from '@hoplab/model'
import { factsOf, factTitles } from './matrix-facts.ts'
import { answerWord, networkName, questionsIn } from './matrix-text.ts'

/** The comparison as two Markdown tables: verdicts, then how each network does it; reasons of what is no pass stand below the first. */
export function matrixMarkdown(result: MatrixResult): string {
  const { columns: networks } = result
  const verdicts = questionsIn(result).map(({ id, title }) => [title, ...networks.map((one) => answerWord(one, id))])
  const facts = factTitles.map((title) => [title, ...networks.map((one) => factsOf(one)?.[title] ?? 'not found')])
  const heading = networks.map(networkName)
  return [table(['question', ...heading], verdicts), '', ...reasons(networks), table(['how', ...heading], facts)].join('\n')
}

function reasons(networks: readonly MatrixColumn[]): string[] {
  const lines = networks.flatMap((one) => [
    ...(one.error ? [`- ${networkName(one)}: ${text(one.error.what)} ${text(one.error.why)}`] : []),
    ...one.answers.filter(({ verdict }) => verdict !== 'pass').map(({ title, verdict, why }) => `- ${networkName(one)}: ${text(title)}: ${verdict}: ${text(why)}`),
  ])
  return lines.length === 0 ? [] : [...lines, '']
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(text).join(' | ')} |`
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n')
}

/** What a cell may hold without ending it or beginning a tag. */
const text = (cell: string): string => plainLine(cell, 600).replace(/[\\|`*_[\]]/gu, (sign) => `\\${sign}`).replaceAll('<', '&lt;')
