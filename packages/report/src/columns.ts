import { plainLine } from '@hoplab/core'
import { type Look, paint } from './look.ts'

/** Rows under a heading, in columns as wide as their longest cell; the last column is not padded. Every cell is made plain. */
export function columns(heading: readonly string[], rows: readonly (readonly string[])[], look: Look): string {
  const cells = rows.map((row) => row.map((cell) => plainLine(cell, 200)))
  const widths = heading.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd()
  return [paint(look, 'bold', line(heading)), ...cells.map(line)].join('\n')
}
