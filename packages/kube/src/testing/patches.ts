import { refused } from '../errors.ts'

/** JSON merge patch (RFC 7396). */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = mergePatch(result[key], value)
  }
  return result
}

/** One operation of a JSON patch (RFC 6902) that the API is sent. */
export interface JsonPatchOperation { op: 'add' | 'remove' | 'replace' | 'test'; path: string; value?: unknown }

/** JSON patch (RFC 6902), operations add, remove, replace and test. */
export function jsonPatch(target: unknown, operations: readonly JsonPatchOperation[]): unknown {
  const copy: unknown = structuredClone(target)
  for (const operation of operations) applyOperation(copy, operation)
  return copy
}

function applyOperation(root: unknown, { op, path, value }: JsonPatchOperation): void {
  const keys = path.split('/').slice(1).map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = keys.pop() ?? ''
  const parent = keys.reduce<unknown>((at, key) => (isRecord(at) || Array.isArray(at) ? (at as Record<string, unknown>)[key] : undefined), root)
  if (!isRecord(parent) && !Array.isArray(parent)) throw invalid(path)
  const holder = parent as Record<string, unknown>
  if (op !== 'add' && !(last in holder)) throw invalid(path)
  if (op === 'test' && JSON.stringify(holder[last]) !== JSON.stringify(value)) throw invalid(path)
  if (op === 'remove') { if (Array.isArray(parent)) parent.splice(Number(last), 1); else delete holder[last] }
  if (op === 'replace') holder[last] = value
  if (op === 'add') { if (Array.isArray(parent)) parent.splice(last === '-' ? parent.length : Number(last), 0, value); else holder[last] = value }
}

const invalid = (path: string): Error => refused('a JSON patch', 422, 'Invalid', `the path ${path} cannot be patched`)
const isRecord = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value)
