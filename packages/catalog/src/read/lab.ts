import { type CniName, defaultSeed, type LabFile, labFile } from '@hoplab/model'
import { type LabFiles, recordingFiles } from '../lab-files.ts'
import type { LoadedLab, ManifestObject } from '../loaded-lab.ts'
import { type Draw, seedDraw } from '../seed/draw.ts'
import { drawnPlaces, drawnRanges, plantedFaults } from '../seed/drawn.ts'
import { filledDocument, type Places } from '../seed/places.ts'
import { SourceMap } from '../source/source-map.ts'
import { typed } from '../source/typed-file.ts'
import { readCase, readDocument } from './case.ts'
import { readFault } from './fault.ts'
import { readManifestFolder } from './manifests.ts'
import type { Reading } from './reading.ts'
import { readTexts } from './texts.ts'
import type { YamlDocument } from '../source/yaml-file.ts'

/** `lab.yaml` alone, with its places filled. @throws HOP_LAB_FILE_MISSING, HOP_LAB_NOT_UTF8, HOP_LAB_YAML, HOP_LAB_KEY_UNKNOWN, HOP_LAB_VALUE_INVALID, HOP_LAB_PLACE_UNKNOWN */
export async function readLabFile(files: LabFiles, folder: string, draw: Draw = seedDraw(defaultSeed), cni?: CniName): Promise<{ file: LabFile; document: YamlDocument; places: Places }> {
  const written = await readDocument(`${folder}/lab.yaml`, { files }, 'to describe the lab')
  const places = await drawnPlaces(written, draw, cni)
  const document = filledDocument(written, places)
  return { file: typed(labFile, document), document, places }
}

/** Every file of one lab, by folder name, as `draw` decides and as it is on `cni`; rules are not looked at yet. @throws the first problem of any file */
export async function readLabFolder(from: LabFiles, folder: string, draw: Draw = seedDraw(defaultSeed), cni?: CniName): Promise<LoadedLab> {
  const { files, read: seen } = recordingFiles(from)
  const { file, document, places } = await readLabFile(files, folder, draw, cni)
  const sources = new SourceMap()
  sources.note(file, document)
  const reading: Reading = { files, sources, places, defaultNamespace: file.namespaces[0] ?? 'default' }
  const each = async <T>(sort: string, read: (folder: string, reading: Reading) => Promise<T>): Promise<T[]> => {
    const loaded: T[] = []
    for (const one of await foldersIn(files, `${folder}/${sort}`)) loaded.push(await read(`${folder}/${sort}/${one}`, reading))
    return loaded
  }
  const lab = {
    file, folder, number: Number(/^\d+/u.exec(folder)?.[0] ?? 0), sources,
    ...await readTexts(folder, file, reading, cni),
    manifests: withNamespaces(await readManifestFolder(`${folder}/manifests`, reading), file),
    ranges: drawnRanges(file, places),
    planted: plantedFaults(file, places, document, sources),
    solutions: await each('solutions', readCase),
    nearMisses: await each('near-misses', readCase),
    faults: await each('faults', readFault),
  }
  const unread = (await files.list(folder)).filter((path) => !seen.has(path) && !/(^|\/)(\.[^/]*|README[^/]*)$/u.test(path))
  return { ...lab, unread: unread.map((path) => files.shown(path)) }
}

/** Names of the folders directly in `folder` that hold a file somewhere, sorted by leading number, then name. */
export async function foldersIn(files: LabFiles, folder: string): Promise<string[]> {
  const start = folder === '' ? 0 : folder.length + 1
  const names = (await files.list(folder)).map((path) => path.slice(start).split('/')).filter((parts) => parts.length > 1).map(([name = '']) => name)
  return [...new Set(names)].toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1))
}

/** Namespaces come first; those that no manifest declares are added. */
function withNamespaces(objects: readonly ManifestObject[], file: LabFile): ManifestObject[] {
  const isNamespace = (object: ManifestObject): boolean => object.kind === 'Namespace' && object.apiVersion === 'v1'
  const declared = objects.filter(isNamespace)
  const added = file.namespaces.filter((name) => !declared.some((object) => object.metadata.name === name))
    .map((name): ManifestObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
  return [...added, ...declared, ...objects.filter((object) => !isNamespace(object))]
}
