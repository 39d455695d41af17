import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline, labels, silent } from '@hoplab/core'
import { cacheFolder, exec, run } from '@hoplab/core/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildImages, dockerEngine, ensureImages, imageSet, useOwnEngine, type Versions, versions } from '../src/index.ts'
import { LoopbackRegistry } from './docker-registry.ts'

/** Tags of this test, so that no image of the machine changes. */
const tag = `test-${process.pid}`
const deadline = Deadline.start('upstream images', 900_000)
const docker = async (...args: string[]): Promise<string> => (await run('docker', args, { deadline })).stdout.trim()

/** Images that travel fast: how they are pulled matters here, not what is inside. */
const { etcdTag, pauseTag } = versions.local.kubernetes
const small = { etcd: `registry.k8s.io/etcd:${etcdTag}`, coredns: `registry.k8s.io/coredns/coredns:${versions.local.coredns.version}`, pause: `registry.k8s.io/pause:${pauseTag}` }

let registry: LoopbackRegistry
let listed: Versions

/** Puts an image of this machine into the registry under another name; returns how to pull it. */
async function publish(local: string, path: string): Promise<{ image: string; digest: string }> {
  const image = `${registry.host}/${path}:${tag}`
  await docker('tag', local, image)
  await docker('push', '--quiet', image)
  const digests = JSON.parse(await docker('image', 'inspect', '--format', '{{json .RepoDigests}}', image)) as string[]
  await docker('rmi', image)
  const digest = digests.find((known) => known.startsWith(`${registry.host}/`))?.split('@')[1] ?? ''
  return { image, digest }
}

/** Compiled once and kept beside the images, as a Go image's user would have it in a volume: the standard library takes longer than all else here. */
const goCache = join(cacheFolder(), 'test-go-build')

/** The public Go image's stand-in: this machine's Go on the Debian base, which has compiled our programs before. */
async function golangImage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hoplab-golang-'))
  const image = `hoplab/test-golang:${tag}`
  const root = (await run('go', ['env', 'GOROOT'], { deadline })).stdout.trim()
  await run('go', ['build', '-trimpath', '-buildvcs=false', './cmd/...'], { deadline, cwd: join(import.meta.dirname, '../programs'), env: { GOCACHE: goCache, CGO_ENABLED: '0', GOFLAGS: '' } })
  await mkdir(join(folder, 'go'))
  await cp(goCache, join(folder, 'compiled'), { recursive: true })
  for (const part of ['bin', 'pkg', 'src', 'VERSION', 'go.env']) await cp(join(root, part), join(folder, 'go', part), { recursive: true })
  await writeFile(join(folder, 'Dockerfile'), [
    `FROM hoplab/debian:${versions.local.debian}`, 'COPY compiled /compiled', 'COPY go /usr/local/go', 'ENV PATH=/usr/local/go/bin:/usr/bin:/bin GOTOOLCHAIN=local GOCACHE=/compiled', '',
  ].join('\n'))
  await dockerEngine.build({ folder, ref: image, args: {}, labels: { [labels.role]: 'test' }, deadline })
  await rm(folder, { recursive: true, force: true })
  return image
}

beforeAll(async () => {
  useOwnEngine()
  await buildImages({ deadline })
  registry = await LoopbackRegistry.start(deadline)
  const golang = await golangImage()
  // How an image is pulled is seen with small ones; Debian's would only take long.
  const debian = `hoplab/test-debian:${tag}`
  await docker('tag', `hoplab/debian:${versions.local.debian}`, debian)
  const kubernetes = imageSet('local').kubernetes
  listed = {
    ...versions,
    ours: { toolbox: tag, echo: tag, edge: tag },
    upstream: {
      ...versions.upstream,
      node: { ...await publish(small.etcd, 'kindest/node'), kubernetes },
      flannel: await publish(small.coredns, 'flannel-io/flannel'), flannelCniPlugin: await publish(small.pause, 'flannel-io/flannel-cni-plugin'),
      debian: { image: debian }, golang: { image: golang },
    },
  }
})

afterAll(async () => {
  const all = (await docker('images', '--format', '{{.Repository}}:{{.Tag}}')).split('\n').filter((ref) => ref.includes(tag))
  if (all.length > 0) await docker('rmi', ...all)
  await docker('image', 'prune', '--force', '--filter', `label=${labels.role}=test`)
  await registry[Symbol.asyncDispose]()
})

describe('upstream', () => {
  test('pulls by digest and builds toolbox and echo from the public bases with the same Dockerfiles', async () => {
    const set = await ensureImages({ source: 'upstream', cni: ['flannel', 'flannelCniPlugin'], deadline, versions: listed, env: {} })
    const idOf = async (ref: string): Promise<string | undefined> => (await dockerEngine.inspect(ref, deadline))?.id
    expect(await idOf(set.node)).toBe(await idOf(small.etcd))
    expect(await idOf(set.flannel ?? '')).toBe(await idOf(small.coredns))
    expect((await dockerEngine.inspect(set.toolbox, deadline))?.labels[labels.source]).toBe('upstream')
    const probed = await exec('docker', ['run', '--rm', '--interactive', set.toolbox, 'hoplab-probe'], {
      deadline, input: JSON.stringify({ batch: 'b', probes: [{ id: 'p', from: { node: true }, kind: 'tcp', target: '127.0.0.1:1' }] }),
    })
    const [result, end] = probed.stdout.trim().split('\n').map((line) => JSON.parse(line) as unknown)
    expect(result).toMatchObject({ id: 'p', class: 'REFUSED' })
    expect(end).toEqual({ end: 'b', count: 1 })
  })

  test('a second call finds everything: it runs no pull and no build', async () => {
    const phases: string[] = []
    const seen = ensureImages({ source: 'upstream', cni: ['flannel', 'flannelCniPlugin'], deadline, versions: listed, env: {}, progress: (event) => { if (event.type === 'phase-start') phases.push(event.phase) } })
    expect((await seen).source).toBe('upstream')
    expect(phases).toEqual([])
  })

  test('HOPLAB_REGISTRY gives ours ready-made, also with CI=true, under their ordinary names', async () => {
    const ready = { ...listed, ours: { toolbox: `${tag}-ready`, echo: `${tag}-ready`, edge: `${tag}-ready` } }
    const from = imageSet('upstream', [], listed)
    const set = imageSet('upstream', [], ready)
    for (const [source, ref] of [[from.toolbox, set.toolbox], [from.echo, set.echo]] as const) {
      await docker('tag', source, `${registry.host}/${ref}`)
      await docker('push', '--quiet', `${registry.host}/${ref}`)
      await docker('rmi', `${registry.host}/${ref}`)
    }
    expect(await ensureImages({ source: 'upstream', deadline, versions: ready, env: { CI: 'true', HOPLAB_REGISTRY: registry.host }, progress: silent })).toEqual(set)
    expect((await dockerEngine.inspect(set.echo, deadline))?.id).toBe((await dockerEngine.inspect(from.echo, deadline))?.id)
  })

  test('an image that the registry lacks is named', async () => {
    const absent = { ...listed, upstream: { ...listed.upstream, flannel: { image: `${registry.host}/absent:${tag}` } } }
    await expect(ensureImages({ source: 'upstream', cni: ['flannel'], deadline, versions: absent, env: {} })).rejects.toMatchObject({ code: 'HOP_IMAGES_PULL_FAILED', exitCode: 3 })
  })
})
