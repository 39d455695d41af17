/** Port of `ip:port`. */
export const portOf = (end: string): number => Number(end.slice(end.lastIndexOf(':') + 1))
/** Address of `ip:port`. */
export const hostOf = (end: string): string => end.slice(0, end.lastIndexOf(':'))
