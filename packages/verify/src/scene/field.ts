const segment = /(?:^|\.)([^.[\]]+)|\[(\d+)\]|\[(?:"([^"]*)"|'([^']*)')\]/gu

/**
 * The value at a path such as `spec.ports[0].port` or `metadata.labels["app.kubernetes.io/name"]`; undefined when any part of it is missing.
 * Only own properties count: `constructor` is no field.
 */
export function fieldAt(value: unknown, path: string): unknown {
  let at = value
  for (const [, name, index, double, single] of path.matchAll(segment)) {
    const key = name ?? index ?? double ?? single ?? ''
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<string, unknown>)[key]
  }
  return at
}
