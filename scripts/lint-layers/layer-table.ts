/** One row of the layer table in ARCHITECTURE.md. */
export interface Layer {
  /** Folder under packages/, and the name after `@hoplab/`. */
  name: string
  /** Packages it may import; a value of `types` allows `import type` only. */
  mayImport: Map<string, 'values' | 'types'>
  /** Whether its code must run without Node. */
  neutral: boolean
  /** Folders under src/ that are exempt from {@link neutral}. */
  nodeParts: string[]
}

/** The table cannot be read: a mistake in ARCHITECTURE.md, named with its line. */
export class LayerTableMistake extends Error {}

const heading = ['Package', 'Question it answers', 'May import', 'Neutral', 'Node parts']

/** Reads the layer table out of ARCHITECTURE.md's text. @throws LayerTableMistake where a row does not read. */
export function readLayerTable(markdown: string): Map<string, Layer> {
  const lines = markdown.split('\n')
  const start = lines.findIndex((line) => cellsOf(line).join('|') === heading.join('|'))
  if (start < 0) throw new LayerTableMistake(`ARCHITECTURE.md: no table with the heading | ${heading.join(' | ')} |`)
  const layers = new Map<string, Layer>()
  for (let index = start + 2; lines[index]?.startsWith('|'); index++) {
    const layer = layerOf(cellsOf(lines[index] ?? ''), index + 1)
    layers.set(layer.name, layer)
  }
  for (const layer of layers.values()) {
    for (const name of layer.mayImport.keys()) {
      if (!layers.has(name)) throw new LayerTableMistake(`ARCHITECTURE.md: "${layer.name}" may import "${name}", which has no row`)
    }
  }
  return layers
}

function cellsOf(line: string): string[] {
  return line.split('|').slice(1, -1).map((cell) => cell.trim())
}

function layerOf(cells: string[], line: number): Layer {
  const [name, question, mayImport, neutral, nodeParts] = cells
  if (!name || !question || cells.length !== heading.length || !/^(?:yes|no)$/u.test(neutral ?? '')) {
    throw new LayerTableMistake(`ARCHITECTURE.md:${line}: a row has five cells: name, question, imports, yes or no, folders`)
  }
  return {
    name,
    mayImport: new Map(listOf(mayImport).map((entry) => {
      const types = entry.endsWith(' (types)')
      return [types ? entry.slice(0, -' (types)'.length) : entry, types ? 'types' as const : 'values' as const]
    })),
    neutral: neutral === 'yes',
    nodeParts: listOf(nodeParts),
  }
}

const listOf = (cell = ''): string[] => cell.split(',').map((word) => word.trim()).filter(Boolean)
