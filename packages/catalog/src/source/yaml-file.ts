import type { Position } from '@hoplab/core'
import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseAllDocuments, visit } from 'yaml'
import { HOP_LAB_YAML } from '../errors.ts'

/** One step of the way to a value: a key or an index. */
export type Path = readonly PropertyKey[]

/** One YAML document with the way back from a value to where it was written. */
export interface YamlDocument {
  /** The plain data; null when the document is empty. */
  readonly value: unknown
  readonly file: string
  /** Where the value at `path` stands; the nearest enclosing one when it does not exist. */
  at(path: Path): Position
  /** Where the key at the end of `path` stands. */
  atKey(path: Path): Position
}

/**
 * Reads YAML 1.2. An empty file is one empty document.
 * @throws HOP_LAB_YAML at the first syntax error, duplicate key, undefined alias or alias bomb
 */
export function parseYaml(file: string, text: string): YamlDocument[] {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, logLevel: 'silent' })
  const documents = Array.isArray(parsed) ? parsed : []
  return (documents.length > 0 ? documents : [undefined]).map((document) => readDocument(file, document, lines))
}

function readDocument(file: string, document: Document.Parsed | undefined, lines: LineCounter): YamlDocument {
  const position = (offset: number | undefined): Position => {
    if (offset === undefined) return { file, line: 1, column: 1 }
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  const [error] = document?.errors ?? []
  if (error) {
    const tab = error.code === 'TAB_AS_INDENT'
    throw HOP_LAB_YAML({ file, problem: error.message, tab }, { cause: error, position: position(error.pos[0]) })
  }
  const root = document?.contents as Node | null | undefined
  return {
    file,
    value: plainValue(file, document, position),
    at: (path) => position(offsetOf(document, path)),
    atKey: (path) => position(keyOffset(document, path) ?? root?.range?.[0]),
  }
}

function plainValue(file: string, document: Document | undefined, position: (offset: number | undefined) => Position): unknown {
  try {
    return (document?.toJS({ maxAliasCount: 100 }) as unknown) ?? null
  } catch (cause) {
    throw HOP_LAB_YAML({ file, problem: cause instanceof Error ? cause.message : String(cause), tab: false }, { cause, position: position(document && lostAlias(document)) })
  }
}

function offsetOf(document: Document | undefined, path: Path): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document?.contents : document?.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return undefined
}

function keyOffset(document: Document | undefined, path: Path): number | undefined {
  const parent: unknown = path.length === 1 ? document?.contents : document?.getIn(path.slice(0, -1), true)
  const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(path.at(-1))) : undefined
  return (isNode(pair?.key) ? pair.key.range?.[0] : undefined) ?? offsetOf(document, path)
}

/** Offset of the first alias whose anchor does not stand before it. */
function lostAlias(document: Document): number | undefined {
  let offset: number | undefined
  visit(document, { Alias: (_, alias) => {
    if (alias.resolve(document)) return undefined
    offset = alias.range?.[0]
    return visit.BREAK
  } })
  return offset
}
