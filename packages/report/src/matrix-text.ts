import { plainLine } from '@hoplab/core'
import type { MatrixColumn, MatrixResult, Verdict } from '@hoplab/model'
import { columns } from './columns.ts'
import { duration } from './duration.ts'
import { type Look, paint } from './look.ts'
import { factsOf, factTitles } from './matrix-facts.ts'
import { verdictWord } from './verdict-words.ts'

/** What a column is called. */
export const networkName = ({ cni, proxyMode }: Pick<MatrixColumn, 'cni' | 'proxyMode'>): string => `${cni}, ${proxyMode}`

/** Every question that any network was asked, in the order of asking, with its title. */
export function questionsIn({ columns: networks }: MatrixResult): { id: string; title: string }[] {
  return [...new Map(networks.flatMap(({ answers }) => answers.map(({ id, title }) => [id, { id, title }] as const))).values()]
}

/** The verdict of a question on one network as a word; `not asked` where it never came to that. */
export const answerWord = ({ answers }: MatrixColumn, id: string): Verdict | 'not asked' => answers.find((one) => one.id === id)?.verdict ?? 'not asked'

/**
 * The whole comparison for a terminal: a table of verdicts, the reason of each that is no pass, then how each network does it, one line per network
 * under each heading, so that it reads in order too.
 */
export function matrixText(result: MatrixResult, look: Look): string {
  const { columns: networks } = result
  const table = columns(['question', ...networks.map(networkName)], questionsIn(result).map(({ id, title }) => [title, ...networks.map((one) => answerWord(one, id))]), look)
  return [table, ...reasons(networks), '', ...factLines(networks, look), '', totalLine(result, look)].join('\n')
}

function reasons(networks: readonly MatrixColumn[]): string[] {
  const lines = networks.flatMap((one) => [
    ...(one.error ? [`  ${networkName(one)}: ${plainLine(one.error.what)} ${plainLine(one.error.why, 600)} [${one.error.code}]`, `    fix: ${plainLine(one.error.fix)}`, ...(one.error.evidence ? [`    evidence: ${one.error.evidence}`] : [])] : []),
    ...one.answers.filter(({ verdict }) => verdict !== 'pass').map(({ title, verdict, why }) => `  ${networkName(one)}: ${title}: ${verdict}: ${plainLine(why, 600)}`),
  ])
  return lines.length === 0 ? [] : ['', ...lines]
}

function factLines(networks: readonly MatrixColumn[], look: Look): string[] {
  const told = networks.flatMap((one) => { const facts = factsOf(one); return facts ? [{ one, facts }] : [] })
  return factTitles.flatMap((title) => (told.length === 0 ? [] : [paint(look, 'bold', title), ...told.map(({ one, facts }) => `  ${networkName(one)}: ${plainLine(facts[title], 600)}`)]))
}

function totalLine({ verdict, columns: networks, durationMs, takenAt }: MatrixResult, look: Look): string {
  return `${verdictWord(verdict, look)}: ${networks.length} ${networks.length === 1 ? 'network' : 'networks'} in ${duration(durationMs)}, begun ${takenAt}`
}
