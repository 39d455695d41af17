import { contentHash } from '@hoplab/core'
import type { ImageSet } from '@hoplab/images'
import type { ClusterSpec } from '../../port.ts'

/** All that makes two clusters the same, flat, so that a difference can be named. */
export function identityOf(spec: ClusterSpec, images: ImageSet): Record<string, string> {
  const { images: _source, ...settings } = spec
  const flat = { ...settings, ...images }
  return Object.fromEntries(Object.entries(flat).map(([key, value]) => [key, String(value)]))
}

/** Hash of {@link identityOf}. */
export const hashOf = (identity: Record<string, string>): Promise<string> => contentHash(identity)

/** `workers: runs with 2, asked for 3`, one per differing field. */
export function differencesOf(running: Record<string, string>, asked: Record<string, string>): string[] {
  const keys = [...new Set([...Object.keys(running), ...Object.keys(asked)])].sort()
  return keys.filter((key) => running[key] !== asked[key]).map((key) => `${key}: runs with ${running[key] ?? 'nothing'}, asked for ${asked[key] ?? 'nothing'}`)
}
