import { createHash } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Deadline, HopError, isAbort, messageOf, phase, type Progress, silent } from '@hoplab/core'
import { cacheFolder, exec, lock, run, writeWhole } from '@hoplab/core/node'
import { HOP_KIND_MISSING } from './errors.ts'
import { versions } from './versions.ts'

/**
 * Path of a `kind` binary of exactly the pinned version: the one on the PATH, else ours in the cache, else compiled into the
 * cache with Go, else (no Go here; never with CI=true) the release's binary, checked against the pinned checksum.
 * @throws HOP_KIND_MISSING
 */
export async function ensureKind(
  deadline: Deadline, options: { progress?: Progress; env?: Record<string, string | undefined> } = {},
): Promise<string> {
  const { version } = versions.kind
  if (await isVersion('kind', version, deadline)) return 'kind'
  const cached = join(cacheFolder(), 'bin', `kind-${version}`)
  if (existsSync(cached)) return cached
  await using _held = await lock(`${cached}.lock`, 'the kind binary', { deadline, waitMs: deadline.remainingMs() })
  if (existsSync(cached)) return cached
  const offline = (options.env ?? process.env).CI === 'true'
  await phase(options.progress ?? silent, `kind ${version}`, () => compileOrFetch(cached, offline, deadline), 30_000)
  return cached
}

async function isVersion(program: string, version: string, deadline: Deadline): Promise<boolean> {
  try {
    return (await exec(program, ['version'], { deadline })).stdout.split(' ')[1] === version
  } catch (error) {
    if (isAbort(error)) throw error
    return false
  }
}

async function compileOrFetch(path: string, offline: boolean, deadline: Deadline): Promise<void> {
  const failures: string[] = []
  for (const attempt of [compile, ...(offline ? [] : [download])]) {
    try {
      return await attempt(path, deadline)
    } catch (error) {
      if (deadline.signal.aborted) throw deadline.signal.reason
      failures.push(error instanceof HopError ? `${error.facts.what} ${error.facts.why}` : messageOf(error))
    }
  }
  throw HOP_KIND_MISSING({ version: versions.kind.version, said: failures.join(' ') })
}

/** The release's own binary for this platform. */
async function download(path: string, deadline: Deadline): Promise<void> {
  const { version, sha256 } = versions.kind
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const url = `https://github.com/kubernetes-sigs/kind/releases/download/${version}/kind-${platform}`
  using bound = deadline.child('download kind', 120_000)
  const response = await fetch(url, { signal: bound.signal })
  if (!response.ok) throw new TypeError(`${url}: ${response.status}`)
  await writeWhole(path, checked(new Uint8Array(await response.arrayBuffer()), sha256[platform], url), 0o755)
}

/** The bytes, if they are the ones that were pinned. */
export function checked(bytes: Uint8Array, pinned: string | undefined, from: string): Uint8Array {
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== pinned) throw new TypeError(`${from} has checksum ${found}, pinned is ${pinned ?? 'none for this platform'}.`)
  return bytes
}

/** `go install` pins the version through the Go checksum database. */
async function compile(path: string, deadline: Deadline): Promise<void> {
  const folder = `${path}.making-${process.pid}`
  await mkdir(folder, { recursive: true })
  try {
    await run('go', ['install', '-trimpath', `sigs.k8s.io/kind@${versions.kind.version}`], { deadline, env: { GOBIN: folder, CGO_ENABLED: '0', GOFLAGS: '' } })
    await rename(join(folder, 'kind'), path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
