import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { contentHash } from '@hoplab/core'
import type { CniName } from '@hoplab/model'
import type { Coordinate, Inputs } from './row.ts'

const root = join(import.meta.dirname, '../..')

/** Packages whose sources decide what a proof shows: they make the cluster, carry out verbs, or judge. */
const deciding = ['core', 'model', 'kube', 'catalog', 'verify', 'engine', 'images', 'cluster', 'cni']

/** Hashes of what every row on a network of this checkout depends on. Tests, fakes, prose and how other networks are installed do not count. */
export async function sharedInputs(cni: CniName): Promise<Pick<Inputs, 'sources' | 'images'>> {
  const sources = await Promise.all(deciding.flatMap((name) => ['src', 'package.json'].map((part) => filesHash(join(root, 'packages', name, part), decidesOn(cni)))))
  const images = await Promise.all(['programs', 'dockerfiles', 'modules', 'versions.json'].map((name) => filesHash(join(root, 'packages/images', name), (path) => !path.endsWith('_test.go'))))
  return { sources: short(await contentHash(sources)), images: short(await contentHash(images)) }
}

/** Hash of the files of a lab that decide a case: its lab.yaml, manifests, the case itself, and solution 1 where the case stands on it. */
export async function labInputs(folder: string, caseFolder: string | undefined, onSolution: string | undefined): Promise<string> {
  const parts = ['lab.yaml', 'manifests', ...[caseFolder, onSolution].filter((one) => one !== undefined)]
  return short(await contentHash(await Promise.all(parts.map(async (part) => [part, await filesHash(join(folder, part), (path) => !/(^|\/)README|\.md$/u.test(path))]))))
}

/** Key of a row: equal keys mean that the same thing was proven of the same inputs. */
export async function keyOf(coordinate: Coordinate, inputs: Inputs): Promise<string> {
  const { lab, provider, cni, proxyMode, case: name, repeat } = coordinate
  return short(await contentHash({ lab, provider, cni, proxyMode, case: name, repeat, inputs }))
}

const isSource = (path: string): boolean => /\.(?:ts|json)$/u.test(path) && !path.endsWith('.test.ts') && !/(^|\/)testing\//u.test(path)

/** Whether a source decides what is seen on a network: each of `cni/src/installers/` holds for its own. */
export function decidesOn(cni: CniName): (path: string) => boolean {
  return (path) => isSource(path) && [undefined, cni].includes(/^src\/installers\/([^/]+)\//u.exec(path)?.[1] as CniName | undefined)
}

/** Hash over paths and contents of a file, or of the files below a folder. */
async function filesHash(path: string, wanted: (path: string) => boolean): Promise<string> {
  const hash = createHash('sha256')
  for (const file of await filesIn(path)) {
    const name = relative(dirname(path), file)
    if (wanted(name)) hash.update(`${name}\0`).update(await readFile(file)).update('\0')
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
