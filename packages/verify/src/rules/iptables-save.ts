import { Broken } from '../probes/broken.ts'

/** One rule: `options` maps `-d` to `10.96.0.1/32`; a negated one is kept as `!-d`. */
export interface SavedRule { packets: number; options: ReadonlyMap<string, string> }
/** Tables → chains → rules in their order. */
export type SavedTables = ReadonlyMap<string, ReadonlyMap<string, SavedRule[]>>

/** Reads the output of `iptables-save -c`. Throws `Broken` when a table has no COMMIT: the output was cut off. */
export function parseSave(text: string): SavedTables {
  const tables = new Map<string, Map<string, SavedRule[]>>()
  let open: { name: string; chains: Map<string, SavedRule[]> } | undefined
  for (const line of text.split('\n')) {
    const [, table] = /^\*(\S+)/u.exec(line) ?? []
    const [, chain] = /^:(\S+) /u.exec(line) ?? []
    const [, packets, into, words] = /^\[(\d+):\d+\] -A (\S+)(.*)$/u.exec(line) ?? []
    if (table !== undefined) open = { name: table, chains: new Map() }
    else if (chain !== undefined) open?.chains.set(chain, [])
    else if (into !== undefined) open?.chains.get(into)?.push({ packets: Number(packets), options: optionsOf(words ?? '') })
    else if (line !== '' && line !== 'COMMIT' && !line.startsWith('#')) throw new Broken('The list of rules has a line that is none.', { hopeless: true })
    else if (line === 'COMMIT' && open) { tables.set(open.name, open.chains); open = undefined }
  }
  if (open) throw new Broken(`The rules of table ${open.name} were not told to their end.`, { hopeless: false })
  return tables
}

function optionsOf(words: string): Map<string, string> {
  const options = new Map<string, string>()
  let name = ''
  let negated = ''
  for (const [token] of words.matchAll(/"(?:[^"\\]|\\.)*"|\S+/gu)) {
    if (token === '!') negated = '!'
    else if (/^--?[a-z]/iu.test(token)) { name = negated + token; negated = ''; options.set(name, '') }
    else if (name !== '') options.set(name, [options.get(name) ?? '', token].filter((part) => part !== '').join(' '))
  }
  return options
}
