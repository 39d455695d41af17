import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { contentHash } from '@hoplab/core'
import { type CniName, localized } from '@hoplab/model'
import { parse } from 'yaml'
import { codeOf } from './code-of.ts'
import { faultFilesOf, faultSources, mutations } from './fault-sources.ts'
import type { Coordinate, Inputs } from './row.ts'

const root = join(import.meta.dirname, '../..')

/** Packages whose sources decide what a proof shows: they make the cluster, carry out verbs, or judge. */
export const deciding = ['core', 'model', 'kube', 'catalog', 'verify', 'engine', 'images', 'cluster', 'cni']

/** Hashes of what every row on a network depends on in a checkout, this one if none is named. Tests, fakes, prose, comments, how other networks are installed and what single faults do do not count. */
export async function sharedInputs(cni: CniName, checkout = root): Promise<Pick<Inputs, 'sources' | 'images'>> {
  const faults = new Set((await faultSources()).keys())
  const decides = decidesOn(cni)
  const sources = await Promise.all(deciding.flatMap((name) => ['src', 'package.json'].map((part) =>
    filesHash(join(checkout, 'packages', name, part), (path) => decides(path) && !(name === 'engine' && faults.has(basename(path)) && dirname(path) === 'src/mutations'), codeIn))))
  const images = await Promise.all(['programs', 'dockerfiles', 'modules', 'versions.json'].map((name) => filesHash(join(checkout, 'packages/images', name), (path) => !path.endsWith('_test.go'))))
  return { sources: short(await contentHash(sources)), images: short(await contentHash(images)) }
}

/** Where a case is proven, as far as its declaration can depend on it. */
export type Network = Pick<Coordinate, 'cni' | 'proxyMode'>

/**
 * Hash of the files of a lab that decide a case on a network: its lab.yaml, manifests, the case itself, solution 1 where the case stands on it, and what the faults
 * that these name do.
 * On which networks the lab or the case is offered besides, and what is declared for those, decides nothing on this one; nor does what it says to people.
 */
export async function labInputs(folder: string, network: Network, caseFolder: string | undefined, onSolution: string | undefined): Promise<string> {
  const parts = ['lab.yaml', 'manifests', ...[caseFolder, onSolution].filter((one) => one !== undefined)]
  const read = (path: string, text: Buffer): Buffer | string => (/^(?:lab|fault|case)\.yaml$/u.test(basename(path)) ? onNetwork(text.toString(), network) : text)
  const own = await Promise.all(parts.map(async (part) => [part, await filesHash(join(folder, part), (path) => !/(^|\/)README|\.md$/u.test(path), read)]))
  const told = (await Promise.all(parts.map((part) => filesIn(join(folder, part))))).flat().filter((path) => path.endsWith('.yaml'))
  const said = await Promise.all(told.map((path) => readFile(path, 'utf8')))
  const faults = await Promise.all((await faultFilesOf(said.join('\n'))).map((name) => filesHash(join(mutations, name), () => true, codeIn)))
  return short(await contentHash([own, faults]))
}

type ByName = Readonly<Record<string, unknown>>

/** What a lab.yaml, fault.yaml or case.yaml says to the machine on a network, as JSON. */
function onNetwork(text: string, { cni, proxyMode }: Network): string {
  const said = withoutWords(parse(text, { merge: true }))
  if (typeof said !== 'object' || said === null) return text
  const { cnis: _, proxyModes: __, in: modes, on, networks, ...rest } = said as Readonly<Record<string, unknown>> & { in?: ByName; on?: ByName; networks?: Readonly<Record<string, ByName>> }
  const here = networks && { networks: Object.fromEntries(Object.entries(networks).map(([name, values]) => [name, values[cni] ?? null])) }
  return JSON.stringify([{ ...rest, ...here }, modes?.[proxyMode] ?? null, on?.[cni] ?? null])
}

/** Without what is said to people: every mapping by language, such as a title, a hint or a question. */
function withoutWords(said: unknown): unknown {
  if (localized.safeParse(said).success) return null
  if (Array.isArray(said)) return said.map(withoutWords)
  if (typeof said !== 'object' || said === null) return said
  return Object.fromEntries(Object.entries(said).map(([key, value]) => [key, withoutWords(value)]))
}

/** Key of a row: equal keys mean that the same thing was proven of the same inputs. */
export async function keyOf(coordinate: Coordinate, inputs: Inputs): Promise<string> {
  const { lab, provider, cni, proxyMode, seed, case: name, repeat } = coordinate
  return short(await contentHash({ lab, provider, cni, proxyMode, ...(seed === undefined ? {} : { seed }), case: name, repeat, inputs }))
}

/** Of TypeScript what decides, of anything else all of it. */
const codeIn = (path: string, content: Buffer): Buffer | string => (path.endsWith('.ts') ? codeOf(path, content.toString()) : content)

const isSource = (path: string): boolean => /\.(?:ts|json)$/u.test(path) && !path.endsWith('.test.ts') && !/(^|\/)testing\//u.test(path)

/** Whether a source decides what is seen on a network: each of `cni/src/installers/` holds for its own. */
export function decidesOn(cni: CniName): (path: string) => boolean {
  return (path) => isSource(path) && [undefined, cni].includes(/^src\/installers\/([^/]+)\//u.exec(path)?.[1] as CniName | undefined)
}

/** Hash over paths and contents, as `read`, of a file, or of the files below a folder. */
async function filesHash(path: string, wanted: (path: string) => boolean, read: (path: string, content: Buffer) => Buffer | string = (_, content) => content): Promise<string> {
  const hash = createHash('sha256')
  for (const file of await filesIn(path)) {
    const name = relative(dirname(path), file)
    if (wanted(name)) hash.update(`${name}\0`).update(read(name, await readFile(file))).update('\0')
  }
  return hash.digest('hex')
}

async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return undefined
    throw error
  })
  if (!entries) return [path]
  const nested = await Promise.all(entries.filter((entry) => !['node_modules', '.turbo', '.test-results', 'dist'].includes(entry.name))
    .map((entry) => (entry.isDirectory() ? filesIn(join(path, entry.name)) : [join(path, entry.name)])))
  return nested.flat().sort()
}

/** 64 bits tell a few thousand rows apart and keep the ledger readable. */
const short = (hash: string): string => hash.slice(0, 16)
