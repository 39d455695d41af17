import { z } from 'zod'
import { claimsFile } from './claims.ts'
import { glossaryFile } from './glossary.ts'
import { caseFile, faultFile, labFile } from './lab.ts'
import { matrixResult } from './matrix.ts'
import { labResult } from './result.ts'
import { traceResult } from './trace.ts'
import { answersFile, verbList } from './verb.ts'

const files = { lab: labFile, case: caseFile, fault: faultFile, steps: verbList, answers: answersFile, claims: claimsFile, glossary: glossaryFile, result: labResult, trace: traceResult, matrix: matrixResult } as const

/** JSON Schemas (draft 2020-12) of everything authors write and machines read, generated from the same source as the types. */
export function jsonSchemas(): Record<keyof typeof files, object> {
  const entries = Object.entries(files).map(([name, schema]) =>
    [name, z.toJSONSchema(schema, { io: ['result', 'trace', 'matrix'].includes(name) ? 'output' : 'input', unrepresentable: 'throw' })] as const)
  return Object.fromEntries(entries) as Record<keyof typeof files, object>
}
