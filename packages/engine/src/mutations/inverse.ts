type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const isRecord = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value)

/**
 * The merge patch (RFC 7396) that takes `patch` back from an object that looked like `before`.
 * A list is one value there, so it comes back whole; what was not there goes again.
 */
export function inverse(before: unknown, patch: unknown): Json {
  if (!isRecord(patch)) return (before ?? null) as Json
  const old = isRecord(before) ? before : {}
  if (!isRecord(before)) return null
  return Object.fromEntries(Object.entries(patch).map(([key, value]) => [key, inverse(old[key], value)]))
}
