import { plainLine } from '@hoplab/core'
import { type MatrixColumn, type MatrixResult, optionsText, type Verdict } from '@hoplab/model'
import { columns } from './columns.ts'
import { duration } from './duration.ts'
import { type Look, paint } from './look.ts'
import { matrixFactsOf, matrixFactTitles } from './matrix-facts.ts'
import { verdictWord } from './verdict-words.ts'

/** A network with what was chosen of its options: `flannel`, `flannel backend=host-gw`. */
export const cniText = ({ cni, cniOptions }: Pick<MatrixColumn, 'cni' | 'cniOptions'>): string => [cni, optionsText(cniOptions)].filter(Boolean).join(' ')

/** What a column is called. */
export const networkName = (column: Pick<MatrixColumn, 'cni' | 'cniOptions' | 'proxyMode'>): string => `${cniText(column)}, ${column.proxyMode}`

/** Every question that any network was asked, in the order of asking, with its title. */
export function matrixQuestions({ columns: networks }: MatrixResult): { id: string; title: string }[] {
  return [...new Map(networks.flatMap(({ answers }) => answers.map(({ id, title }) => [id, { id, title }] as const))).values()]
}

/** The verdict of a question on one network as a word; `not asked` where it never came to that. */
export const answerWord = ({ answers }: MatrixColumn, id: string): Verdict | 'not asked' => answers.find((one) => one.id === id)?.verdict ?? 'not asked'

/**
 * The whole comparison for a terminal: a table of verdicts, the reason of each that is no pass, then how each network does it, one line under
 * each heading for all of which the same is told, so that it reads in order too.
 */
export function matrixText(result: MatrixResult, look: Look): string {
  const { columns: networks } = result
  const table = columns(['question', ...networks.map(networkName)], matrixQuestions(result).map(({ id, title }) => [title, ...networks.map((one) => answerWord(one, id))]), look)
  const notes = [...errorLines(networks), ...matrixReasons(networks).map((line) => `  ${line}`)]
  return [table, ...(notes.length === 0 ? [] : ['', ...notes]), '', ...factLines(networks, look), '', totalLine(result, look)].join('\n')
}

/** Why an answer is no pass, told once for all networks of which it is the same. */
export function matrixReasons(networks: readonly MatrixColumn[]): string[] {
  const all = networks.flatMap((one) => one.answers.filter(({ verdict }) => verdict !== 'pass').map(({ title, verdict, why }) => ({ name: networkName(one), title: `${title}: ${verdict}`, why })))
  return [...Map.groupBy(all, ({ title }) => title)].flatMap(([title, same]) => alike(same.map(({ name, why }) => [name, why])).map(([names, why]) => `${title} on ${names}: ${plainLine(why, 600)}`))
}

/** Networks of which the same is told, together: their names, and what. */
function alike(told: readonly (readonly [name: string, text: string])[]): [names: string, text: string][] {
  return [...Map.groupBy(told, ([, text]) => text)].map(([text, same]) => [same.map(([name]) => name).join('; '), text])
}

function errorLines(networks: readonly MatrixColumn[]): string[] {
  return networks.flatMap((one) => (one.error ? [
    `  ${networkName(one)}: ${plainLine(one.error.what)} ${plainLine(one.error.why, 600)} [${one.error.code}]`, `    fix: ${plainLine(one.error.fix)}`, ...(one.error.evidence ? [`    evidence: ${one.error.evidence}`] : []),
  ] : []))
}

function factLines(networks: readonly MatrixColumn[], look: Look): string[] {
  const told = networks.flatMap((one) => { const facts = matrixFactsOf(one); return facts ? [{ one, facts }] : [] })
  return matrixFactTitles.flatMap((title) => (told.length === 0 ? [] : [paint(look, 'bold', title), ...alike(told.map(({ one, facts }) => [networkName(one), facts[title]])).map(([names, text]) => `  ${names}: ${plainLine(text, 600)}`)]))
}

function totalLine({ verdict, columns: networks, durationMs, takenAt }: MatrixResult, look: Look): string {
  return `${verdictWord(verdict, look)}: ${networks.length} ${networks.length === 1 ? 'network' : 'networks'} in ${duration(durationMs)}, begun ${takenAt}`
}
