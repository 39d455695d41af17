import { z } from 'zod'
import { claimsFile } from './claims.ts'
import { glossaryFile } from './glossary.ts'
import { caseFile, faultFile, labFile } from './lab.ts'
import { matrixResult } from './matrix.ts'
import { labResult } from './result.ts'
import { place } from './seed.ts'
import { traceResult } from './trace.ts'
import { answersFile, verbList } from './verb.ts'

const files = { lab: labFile, case: caseFile, fault: faultFile, steps: verbList, answers: answersFile, claims: claimsFile, glossary: glossaryFile, result: labResult, trace: traceResult, matrix: matrixResult } as const

/** JSON Schemas (draft 2020-12) of everything authors write and machines read, generated from the same source as the types. */
export function jsonSchemas(): Record<keyof typeof files, object> {
  const entries = Object.entries(files).map(([name, schema]) => {
    const json = z.toJSONSchema(schema, { io: ['result', 'trace', 'matrix'].includes(name) ? 'output' : 'input', unrepresentable: 'throw' })
    return [name, seededFiles.has(name) ? withPlaces(json) : json] as const
  })
  return Object.fromEntries(entries) as Record<keyof typeof files, object>
}

/** Files of a lab whose values the seed and the network may fill: an editor must take a place where a number or a name of a certain form is asked for. */
const seededFiles = new Set(['lab', 'case', 'fault', 'steps', 'answers'])
const placed = { type: 'string', pattern: `^${place.source}$` }

/** A schema in which every integer and every text of a certain form may be a place instead. */
function withPlaces<T>(schema: T): T {
  if (schema === null || typeof schema !== 'object') return schema
  if (Array.isArray(schema)) return schema.map(withPlaces) as T
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, key === 'propertyNames' ? value : withPlaces(value)]))
  return ('type' in schema && (schema.type === 'integer' || (schema.type === 'string' && 'pattern' in schema)) ? { anyOf: [inner, placed] } : inner) as T
}
