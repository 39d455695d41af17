/** An IPv4 address as a number. */
export const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
/** A number as an IPv4 address. */
export const toAddress = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')

/** First and last address of a CIDR. */
export function rangeOf(cidr: string): { first: number; last: number } {
  const [base = '0.0.0.0', bits = '32'] = cidr.split('/')
  const size = 2 ** (32 - Number(bits))
  const first = Math.floor(toNumber(base) / size) * size
  return { first, last: first + size - 1 }
}

/** The highest address of a CIDR, short of broadcast, that is not in `taken`. */
export function highestFree(cidr: string, taken: ReadonlySet<string>): string | undefined {
  const { first, last } = rangeOf(cidr)
  for (let value = last - 1; value > first; value--) if (!taken.has(toAddress(value))) return toAddress(value)
  return undefined
}
