/** One measured thing over several rounds. */
export interface Figure { name: string; values: number[] }

/** The middle value; mean of the two middle ones for an even count. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] ?? NaN : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

/** A row of a Markdown table: name, min, median, max. */
export function row(figure: Figure): string {
  const cells = [Math.min(...figure.values), median(figure.values), Math.max(...figure.values)]
  return `| ${figure.name} | ${cells.map((value) => value.toFixed(2)).join(' | ')} |`
}
