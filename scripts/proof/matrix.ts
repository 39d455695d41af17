import type { LoadedLab } from '@hoplab/catalog'
import { type CniName, isForNetwork } from '@hoplab/model'
import type { Row } from './row.ts'
import { seenVerdicts } from './report.ts'

/** What the matrix of one lab is made of. */
export interface MatrixLab { lab: LoadedLab; rows: readonly Row[] }

const head = `# What each fault does to each check

Generated from \`proof/ledger.jsonl\` by \`pnpm gen\`; every cell was seen on a real cluster. One column is one fault, put into the solved lab and taken
back afterwards. \`✗\` red, \`·\` green, \`?\` inconclusive, \`–\` skipped or not offered; \`✗·\` is red with kube-proxy in iptables mode and green in nftables
mode; a blank was not proven in that mode yet. A lab has a table for each of its CNIs that something was proven on. \`!\` after a cell: seen, and not what
the fault declares.
`

/** The Markdown matrix: fault × check × proxy mode, per lab. */
export function matrixText(labs: readonly MatrixLab[]): string {
  return [head, ...labs.flatMap((one) => networksOf(one).map((cni) => labText(one, cni)))].join('\n')
}

/** CNIs of a lab to be shown: the first that it names, and every other that a fault was proven on. */
function networksOf({ lab, rows }: MatrixLab): CniName[] {
  return lab.file.cnis.filter((cni, index) => index === 0 || rows.some((row) => row.cni === cni && row.case.startsWith('fault:')))
}

function labText({ lab, rows }: MatrixLab, cni: CniName): string {
  const faults = lab.faults.filter((fault) => lab.file.proxyModes.some((proxyMode) => isForNetwork(fault, { cni, proxyMode })))
    .map((fault) => ({ fault, byMode: lab.file.proxyModes.map((mode) => rows.findLast((row) => row.cni === cni && row.case === `fault:${fault.name.split('-')[0]}` && row.proxyMode === mode)) }))
  const checks = lab.file.steps.flatMap((step) => step.checks.map(({ id, kind }) => ({ id, kind })))
  return [
    `## ${lab.file.title.en}, on ${cni}`, '',
    '| Fault | What is broken | Layer | First broken hop |', '| --- | --- | --- | --- |',
    ...faults.map(({ fault, byMode }) => `| ${fault.name} | ${cell(fault.title.en)} | ${fault.layer} | ${hops(byMode)} |`), '',
    `| Check | Kind | ${faults.map(({ fault }) => fault.name.split('-')[0]).join(' | ')} |`, `| --- | --- |${' --- |'.repeat(faults.length)}`,
    ...checks.map(({ id, kind }) => `| ${id} | ${kind} | ${faults.map(({ byMode }) => signs(byMode, id)).join(' | ')} |`), '',
  ].join('\n')
}

const signOf: Record<string, string> = { pass: '·', fail: '✗', inconclusive: '?', skipped: '–', 'not-offered': '–' }

function signs(byMode: readonly (Row | undefined)[], check: string): string {
  const each = byMode.map((row) => (row ? signOf[seenVerdicts(row).get(check) ?? ''] ?? ' ' : ' '))
  const wrong = byMode.some((row) => row?.wrong?.some((one) => one.check === check)) ? '!' : ''
  return `${new Set(each).size === 1 ? each[0] ?? '' : each.join('')}${wrong}`
}

/** What the red checks named, most often named first. */
function hops(byMode: readonly (Row | undefined)[]): string {
  const named = byMode.flatMap((row) => Object.values(row?.brokenHops ?? {}))
  const counted = [...Map.groupBy(named, (hop) => hop)].toSorted(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
  return counted.slice(0, 3).map(([hop]) => cell(hop)).join('; ')
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
