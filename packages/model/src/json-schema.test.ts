import { describe, expect, test } from 'vitest'
import { jsonSchemas } from './json-schema.ts'

describe('JSON Schemas', () => {
  test('are the same every time they are made', () => {
    expect(JSON.stringify(jsonSchemas())).toBe(JSON.stringify(jsonSchemas()))
  })
  test('there is one for every file that authors write and for each result', () => {
    expect(Object.keys(jsonSchemas())).toEqual(['lab', 'case', 'fault', 'steps', 'answers', 'claims', 'glossary', 'result', 'trace', 'matrix'])
  })
  test('every one states its dialect and every object in it refuses unknown keys', () => {
    for (const schema of Object.values(jsonSchemas())) {
      expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' })
      expect(openObjects(schema)).toEqual([])
    }
  })
  test('a place may stand for a number or a name in the files of a lab, in results it may not', () => {
    const place = '^\\$(seed|network)\\.([A-Za-z]+)$'
    const { lab, result } = jsonSchemas() as unknown as Record<'lab' | 'result', { properties: Record<string, { anyOf?: { type: string; pattern?: string }[]; type?: string }> }>
    expect(lab.properties.id?.anyOf?.map(({ pattern }) => pattern)).toContain(place)
    expect(lab.properties.minutes?.anyOf).toEqual([expect.objectContaining({ type: 'integer' }), { type: 'string', pattern: place }])
    expect(JSON.stringify(result)).not.toContain('(seed|network)')
  })
  test('an author need not write what has a default; a reader of results always finds it', () => {
    const { lab, result } = jsonSchemas() as Record<string, { required?: string[] }>
    expect(lab?.required).not.toContain('nodeCommands')
    expect(result?.required).toContain('pointsPossible')
  })
})

/** Paths of objects with named properties that take other keys too. */
function openObjects(schema: unknown, path = '#'): string[] {
  if (schema === null || typeof schema !== 'object') return []
  const open = 'properties' in schema && 'type' in schema && schema.type === 'object' && !('additionalProperties' in schema) ? [path] : []
  return [...open, ...Object.entries(schema).flatMap(([key, inner]) => openObjects(inner, `${path}/${key}`))]
}
