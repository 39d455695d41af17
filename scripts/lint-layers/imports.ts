import { parseSync } from 'oxc-parser'

/** One import or re-export of a source file. */
export interface Import {
  /** As written: `node:fs`, `@hoplab/core/node`, `./port.ts`. */
  specifier: string
  /** Vanishes when types are stripped: `import type`, `export type … from`. `import { type X }` does not vanish. */
  typeOnly: boolean
  /** Counted from 1. */
  line: number
  column: number
}

/** Every import, re-export and `import('…')` of a TypeScript source. A computed `import(x)` is not seen. */
export function importsOf(source: string): Import[] {
  const { module } = parseSync('source.ts', source)
  const found = (start: number, specifier: string, typeOnly: boolean): Import => ({ specifier, typeOnly, ...positionOf(source, start) })
  const written = (start: number): boolean => /^(?:import|export)\s+type\b/u.test(source.slice(start, start + 40))
  return [
    ...module.staticImports.map((one) => found(one.start, one.moduleRequest.value, written(one.start))),
    ...module.staticExports.flatMap((one) => {
      const from = one.entries.find((entry) => entry.moduleRequest)?.moduleRequest
      return from ? [found(one.start, from.value, written(one.start))] : []
    }),
    ...module.dynamicImports.flatMap((one) => {
      const literal = /^['"`](.*)['"`]$/su.exec(source.slice(one.moduleRequest.start, one.moduleRequest.end))?.[1]
      return literal === undefined ? [] : [found(one.start, literal, false)]
    }),
  ]
}

function positionOf(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
