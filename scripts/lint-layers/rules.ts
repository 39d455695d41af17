import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { type Import, importsOf } from './imports.ts'
import type { Layer } from './layer-table.ts'

/** One import that the table does not allow. */
export interface Finding {
  /** Path from the root of the repository, with forward slashes. */
  file: string
  line: number
  column: number
  /** What is wrong and what to do instead. */
  text: string
}

type Rule = (one: Import, place: Place, layers: Map<string, Layer>) => string | undefined

interface Place {
  layer: Layer
  file: string
  /** Path below the package's folder, e.g. `src/node/exec.ts`. */
  inside: string
  isTest: boolean
  /** Its code must run without Node. */
  neutral: boolean
}

/** Checks one file of a package against the table. `file` is the path from the root, e.g. `packages/core/src/poll.ts`. */
export function findingsOf(file: string, source: string, layers: Map<string, Layer>): Finding[] {
  const [, name = '', ...rest] = file.split('/')
  const layer = layers.get(name)
  if (!layer) {
    return [{ file, line: 1, column: 1, text: `package "${name}" has no row in the layer table of ARCHITECTURE.md: add one` }]
  }
  const inside = rest.join('/')
  const isTest = /\.test\.ts$|^test\//u.test(inside) || !inside.startsWith('src/')
  const place = { layer, file, inside, isTest, neutral: layer.neutral && !isTest && !layer.nodeParts.includes(rest[1] ?? '') }
  return importsOf(source).flatMap((one) => {
    const text = rules.map((rule) => rule(one, place, layers)).find((answer) => answer !== undefined)
    return text === undefined ? [] : [{ file, line: one.line, column: one.column, text }]
  })
}

const packageOf = (specifier: string): { name: string; part: string } | undefined => {
  const match = /^@hoplab\/([^/]+)(?:\/(.+))?$/u.exec(specifier)
  return match?.[1] ? { name: match[1], part: match[2] ?? '' } : undefined
}

const layering: Rule = (one, { layer, isTest }) => {
  const target = packageOf(one.specifier)
  if (!target || isTest || target.name === layer.name) return undefined
  const allowed = layer.mayImport.get(target.name)
  if (allowed === 'values' || (allowed === 'types' && one.typeOnly)) return undefined
  return allowed === 'types'
    ? `"${layer.name}" may use only types of "${target.name}": write "import type", and let the caller hand over the implementation`
    : `"${layer.name}" must not import "${target.name}": take what you need as a parameter, or move the shared idea to a package both may import (ARCHITECTURE.md, Layers)`
}

const neutrality: Rule = (one, { layer, neutral }, layers) => {
  if (!neutral) return undefined
  const target = packageOf(one.specifier)
  const foreignPart = target && layers.get(target.name)?.nodeParts.includes(target.part)
  const ownPart = layer.nodeParts.some((part) => new RegExp(`^\\.{1,2}/(?:.*/)?${part}/`, 'u').test(one.specifier))
  if (!isBuiltin(one.specifier) && !foreignPart && !ownPart) return undefined
  const where = layer.nodeParts.length > 0 ? `src/${layer.nodeParts.join(' or src/')}` : 'the package that picks implementations'
  return `"${layer.name}" runs in a browser too, so it must not import "${one.specifier}": define a port here and implement it in ${where}`
}

const processes: Rule = (one, { file, isTest }) => {
  if (!isTest && /^(?:node:)?child_process$/u.test(one.specifier)) return 'no package starts processes by itself: use exec or run of @hoplab/core/node'
  if (one.specifier === 'execa' && !file.startsWith('packages/core/src/node/')) return 'execa is imported by packages/core/src/node only: use exec or run of @hoplab/core/node'
  return one.specifier === 'zx' ? 'zx belongs to scripts/: use exec or run of @hoplab/core/node' : undefined
}

const insideOut: Rule = (one, { file, layer }) => {
  if (!one.specifier.startsWith('.')) return undefined
  const target = posix.normalize(posix.join(posix.dirname(file), one.specifier))
  if (target.startsWith(`packages/${layer.name}/`) || !target.startsWith('packages/')) return undefined
  return `do not reach into another package by path: import "@hoplab/${target.split('/')[1] ?? ''}" or export what you need there`
}

const rules: Rule[] = [layering, neutrality, processes, insideOut]
