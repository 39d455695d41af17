import type { HopError, Position } from '@hoplab/core'
import { z } from 'zod'
import { HOP_LAB_KEY_UNKNOWN, HOP_LAB_VALUE_INVALID } from '../errors.ts'
import { nearest } from '../nearest.ts'
import type { Path, YamlDocument } from './yaml-file.ts'

type Issue = z.core.$ZodIssue

/** What the schema makes of the document. @throws the first of its problems, see {@link schemaProblems} */
export function typed<T extends z.ZodType>(schema: T, document: YamlDocument): z.output<T> {
  const result = schema.safeParse(document.value)
  if (result.success) return result.data
  throw schemaProblem(schema, document, result.error.issues)
}

/** The problem to mend first: an unknown key (most often a typo that explains the rest), else the first in the file. */
function schemaProblem(schema: z.ZodType, document: YamlDocument, issues: readonly Issue[]): HopError {
  const placed = issues.flatMap((issue) => mostLikely(issue, [])).map(({ issue, path }) => ({ issue, path, at: positionOf(document, issue, path) }))
  placed.sort((a, b) => Number(b.issue.code === 'unrecognized_keys') - Number(a.issue.code === 'unrecognized_keys')
    || (a.at.line ?? 0) - (b.at.line ?? 0) || (a.at.column ?? 0) - (b.at.column ?? 0))
  const [first] = placed
  if (!first) return HOP_LAB_VALUE_INVALID({ file: document.file, field: 'the file', problem: 'is not valid' }, { position: document.at([]) })
  const { issue, path, at } = first
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    return HOP_LAB_KEY_UNKNOWN({ file: document.file, key, near: nearest(key, keysOf(schema)) }, { position: at })
  }
  return HOP_LAB_VALUE_INVALID({ file: document.file, field: path.map(String).join('.') || 'the whole file', problem: problemOf(issue) }, { position: at })
}

function positionOf(document: YamlDocument, issue: Issue, path: Path): Position {
  return issue.code === 'unrecognized_keys' ? document.atKey([...path, issue.keys[0] ?? '']) : document.at(path)
}

/** Of a union, the issues of the alternative that fits best: a foreign key tells more against one than a wrong value. */
function mostLikely(issue: Issue, before: Path): { issue: Issue; path: Path }[] {
  const path = [...before, ...issue.path]
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ issue, path }]
  const cost = (issues: readonly Issue[]): number =>
    issues.reduce((sum, one) => sum + (one.code === 'unrecognized_keys' ? 3 * one.keys.length : 1), 0)
  const [best = []] = [...issue.errors].toSorted((a, b) => cost(a) - cost(b))
  // Alternatives of plain values (text or number or …): the union as a whole says it better.
  if (issue.errors.every((issues) => issues.every((one) => one.path.length === 0 && one.code === 'invalid_type'))) return [{ issue, path }]
  return best.flatMap((inner) => mostLikely(inner, path))
}

function problemOf(issue: Issue): string {
  if (issue.code === 'invalid_type') {
    return /received undefined/u.test(issue.message) ? 'is missing' : issue.message.replace(/^Invalid input: expected (.*), received (.*)$/u, 'must be $1, not $2')
  }
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`
  if (issue.code === 'invalid_union') return 'note' in issue && issue.note ? issue.message.replace(/^.*Expected /u, 'must be ').replaceAll(' | ', ', ') : 'must be a value of another type'
  return issue.message.startsWith('must ') ? issue.message : `is not valid: ${issue.message}`
}

/** Every key that occurs anywhere in the schema, for "did you mean". */
function keysOf(schema: z.ZodType): Set<string> {
  const keys = new Set<string>()
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return
    const properties = (value as { properties?: unknown }).properties
    if (properties !== null && typeof properties === 'object') for (const key of Object.keys(properties)) keys.add(key)
    for (const inner of Object.values(value)) walk(inner)
  }
  walk(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
  return keys
}
