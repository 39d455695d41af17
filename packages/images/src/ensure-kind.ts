import { createHash } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Deadline, HopError, isAbort, messageOf, phase, type Progress, silent } from '@hoplab/core'
import { cacheFolder, exec, lock, run, writeWhole } from '@hoplab/core/node'
import { HOP_KIND_MISSING } from './errors.ts'
import { versions } from './versions.ts'

/**
 * Path of a `kind` binary of exactly the pinned version: the one on the PATH, else ours in the cache, else the release's
 * download (only with `download`, checked against the release's checksum), else compiled into the cache with Go.
 * @throws HOP_KIND_MISSING
 */
export async function ensureKind(
  deadline: Deadline, options: { progress?: Progress; download?: boolean } = {},
): Promise<string> {
  const { version } = versions.kind
  if (await isVersion('kind', version, deadline)) return 'kind'
  const cached = join(cacheFolder(), 'bin', `kind-${version}`)
  if (existsSync(cached)) return cached
  await using _held = await lock(`${cached}.lock`, 'the kind binary', { deadline, waitMs: deadline.remainingMs() })
  if (existsSync(cached)) return cached
  await phase(options.progress ?? silent, `kind ${version}`, () => fetchOrCompile(cached, options.download ?? false, deadline), 30_000)
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

async function fetchOrCompile(path: string, download: boolean, deadline: Deadline): Promise<void> {
  const failures: string[] = []
  for (const attempt of [...(download ? [downloadRelease] : []), compile]) {
    try {
      return await attempt(path, deadline)
    } catch (error) {
      if (isAbort(error)) throw error
      failures.push(error instanceof HopError ? `${error.facts.what} ${error.facts.why}` : messageOf(error))
    }
  }
  throw HOP_KIND_MISSING({ version: versions.kind.version, said: failures.join('; ') })
}

/** The release's own file and the checksum published beside it. */
async function downloadRelease(path: string, deadline: Deadline): Promise<void> {
  const cpu = process.arch === 'x64' ? 'amd64' : process.arch
  const url = `https://github.com/kubernetes-sigs/kind/releases/download/${versions.kind.version}/kind-${process.platform}-${cpu}`
  const [binary, sums] = await Promise.all([url, `${url}.sha256sum`].map(async (from) => {
    const response = await fetch(from, { signal: deadline.signal })
    if (!response.ok) throw new TypeError(`${from}: ${response.status}`)
    return new Uint8Array(await response.arrayBuffer())
  }))
  const wanted = new TextDecoder().decode(sums).split(' ')[0]
  const found = createHash('sha256').update(binary ?? new Uint8Array()).digest('hex')
  if (found !== wanted || !binary) throw new TypeError(`${url}: checksum ${found}, published ${wanted}`)
  await writeWhole(path, binary, 0o755)
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
