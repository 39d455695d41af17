import { Deadline, HopError } from '@hoplab/core'
import { HOP_PROGRAM_FAILED } from '@hoplab/core/node'
import { describe, expect, test } from 'vitest'
import { hashAll } from './build/build-images.ts'
import { planned } from './build/plan.ts'
import { inputsLabel } from './build/step.ts'
import { ensureImages, type EnsureOptions } from './ensure-images.ts'
import { cniImageName, imageSet } from './image-set.ts'
import { isThere, pathOf } from './pull-upstream.ts'
import { FakeEngine } from './testing/fake-engine.ts'
import { versions } from './versions.ts'

const local = imageSet('local')

async function engineWithLocal(): Promise<FakeEngine> {
  const engine = new FakeEngine()
  const hashes = await hashAll(planned(), versions)
  for (const step of ['node', 'toolbox', 'echo'] as const) engine.add(local[step], { labels: { [inputsLabel]: hashes.get(step) ?? '' } })
  return engine
}

async function ensure(engine: FakeEngine, options: Partial<EnsureOptions>): Promise<unknown> {
  using deadline = Deadline.start('test', 280_000)
  return ensureImages({ deadline, engine, env: {}, ...options }).catch((error: unknown) => error)
}
const pulls = (engine: FakeEngine): string[] => engine.commands.filter((command) => command.startsWith('pull'))

describe('local', () => {
  test('looks only', async () => {
    const engine = await engineWithLocal()
    expect(await ensure(engine, { source: 'local' })).toEqual(local)
    expect(engine.commands).toEqual([])
  })
  test('missing images are named with the command that makes them', async () => {
    const engine = await engineWithLocal()
    engine.images.delete(local.echo)
    expect(await ensure(engine, { source: 'local' })).toMatchObject({ code: 'HOP_IMAGES_MISSING', facts: { what: `The engine lacks ${local.echo}.`, fix: 'Run "./hoplab images build".' } })
  })
  test('images of a CNI are asked for only where it is used', async () => {
    const engine = await engineWithLocal()
    expect(await ensure(engine, { source: 'local', cni: ['flannel'] })).toEqual(imageSet('local', ['flannel']))
    const missing = cniImageName('local', 'calicoNode')
    expect(await ensure(engine, { source: 'local', cni: ['calicoNode'] })).toMatchObject({ code: 'HOP_IMAGES_MISSING', facts: { what: `The engine lacks ${missing}.` } })
    engine.add(missing, { labels: { [inputsLabel]: 'older' } })
    expect(await ensure(engine, { source: 'local', cni: ['calicoNode'] })).toMatchObject({ code: 'HOP_IMAGES_STALE' })
    expect(await ensure(engine, { source: 'local', cni: ['flannel'] })).toEqual(imageSet('local', ['flannel']))
  })
  test('one that is built on request is named in the command that makes it', async () => {
    const engine = await engineWithLocal()
    expect(await ensure(engine, { source: 'local', cni: ['weave'] })).toMatchObject({ code: 'HOP_IMAGES_MISSING', facts: { fix: 'Run "./hoplab images build --only node,toolbox,weave".' } })
    engine.add(cniImageName('local', 'weave'), { labels: { [inputsLabel]: 'older' } })
    expect(await ensure(engine, { source: 'local', cni: ['weave'] })).toMatchObject({ code: 'HOP_IMAGES_STALE', facts: { fix: 'Run "./hoplab images build --only node,toolbox,weave".' } })
  })
  test('images of older sources are told apart from missing ones', async () => {
    const engine = await engineWithLocal()
    engine.add(local.node, { labels: { [inputsLabel]: 'older' } })
    expect(await ensure(engine, { source: 'local' })).toMatchObject({ code: 'HOP_IMAGES_STALE' })
  })
})

describe('auto', () => {
  test('local where the home-built node image is', async () => {
    expect(await ensure(await engineWithLocal(), { source: 'auto' })).toMatchObject({ source: 'local' })
  })
  test('else upstream', async () => {
    expect(await ensure(new FakeEngine(), {})).toMatchObject({ source: 'upstream' })
  })
  test('with CI=true no registry is asked', async () => {
    const engine = new FakeEngine()
    expect(await ensure(engine, { env: { CI: 'true' } })).toMatchObject({ code: 'HOP_IMAGES_MISSING' })
    expect(await ensure(engine, { source: 'upstream', env: { CI: 'true' } })).toMatchObject({ code: 'HOP_IMAGES_MISSING' })
    expect(pulls(engine)).toEqual([])
  })
})

describe('upstream', () => {
  test('pulls by digest, gives the ordinary name, builds ours, and asks nothing the second time', async () => {
    const engine = new FakeEngine()
    await ensure(engine, { source: 'upstream', cni: ['flannel'] })
    const { node } = versions.upstream
    expect(pulls(engine)[0]).toBe(`pull --quiet kindest/node@${node.digest}`)
    expect(engine.commands).toContain(`tag kindest/node@${node.digest} ${node.image}`)
    expect(pulls(engine)).toContain(`pull --quiet ${cniImageName('upstream', 'flannel')}`)
    expect(pulls(engine)).not.toContainEqual(expect.stringContaining('flannel-cni-plugin'))
    expect(engine.builds.map((build) => build.ref)).toEqual(expect.arrayContaining([local.toolbox, local.echo]))
    const [asked, built] = [pulls(engine).length, engine.builds.length]
    await ensure(engine, { source: 'upstream', cni: ['flannel'] })
    expect([pulls(engine).length, engine.builds.length]).toEqual([asked, built])
  })
  test('what no registry has is refused before anything is pulled, unless there is a registry of one\'s own', async () => {
    const engine = new FakeEngine()
    expect(await ensure(engine, { source: 'upstream', cni: ['weave'] })).toMatchObject({ code: 'HOP_IMAGES_UNPUBLISHED', exitCode: 2, facts: { what: `No registry has ${cniImageName('local', 'weave')}.`, fix: expect.stringContaining('--only node,toolbox,weave') } })
    expect(engine.commands).toEqual([])
    expect(await ensure(engine, { source: 'upstream', cni: ['weave'], env: { HOPLAB_REGISTRY: 'registry.test' } })).toMatchObject({ weave: cniImageName('local', 'weave') })
    expect(pulls(engine)).toContain(`pull --quiet registry.test/${cniImageName('local', 'weave')}`)
  })
  test('from HOPLAB_REGISTRY everything is pulled and nothing is built', async () => {
    const engine = new FakeEngine()
    await ensure(engine, { source: 'upstream', cni: ['flannel'], env: { HOPLAB_REGISTRY: '127.0.0.1:5000', CI: 'true' } })
    expect(pulls(engine).every((command) => command.startsWith('pull --quiet 127.0.0.1:5000/'))).toBe(true)
    expect(engine.commands).toContain(`tag 127.0.0.1:5000/flannel-io/flannel:${versions.local.flannel.version} ${cniImageName('upstream', 'flannel')}`)
    expect(engine.builds).toEqual([])
  })
  test('what nobody publishes for a CNI is built from its sources, or pulled ready-made from HOPLAB_REGISTRY', async () => {
    const crds = cniImageName('upstream', 'calicoCrds')
    const engine = new FakeEngine()
    await ensure(engine, { source: 'upstream', cni: ['calicoNode', 'calicoCrds'] })
    expect(engine.builds.find((build) => build.ref === crds)?.args).toEqual({ BASE: expect.stringContaining('hoplab/base:'), GOLANG: versions.upstream.golang.image })
    expect(pulls(engine)).toContain(`pull --quiet ${versions.upstream.calicoNode.image}`)
    expect(pulls(engine)).not.toContainEqual(expect.stringContaining('calico-crds'))
    await ensure(engine, { source: 'upstream', cni: ['haproxyIngress'] })
    const [parts, controller] = ['hoplab/haproxy-ingress-parts', cniImageName('upstream', 'haproxyIngress')].map((ref) => engine.builds.find((build) => build.ref.startsWith(ref)))
    expect(parts?.args).toEqual({ GOLANG: versions.upstream.golang.image })
    expect(controller?.args).toEqual({ BASE: expect.stringContaining('hoplab/base:'), PARTS: parts?.ref })
    const ready = new FakeEngine()
    await ensure(ready, { source: 'upstream', cni: ['calicoCrds'], env: { HOPLAB_REGISTRY: '127.0.0.1:5000' } })
    expect(ready.commands).toContain(`tag 127.0.0.1:5000/${crds} ${crds}`)
    expect(ready.builds).toEqual([])
  })
  test('a pull that fails names the image and another way', async () => {
    const engine = new FakeEngine()
    engine.onRun = (args) => { if (args[0] === 'pull') throw HOP_PROGRAM_FAILED({ command: 'docker pull', exitCode: 1, output: 'no route to host' }) }
    const error = await ensure(engine, { source: 'upstream' })
    expect(error).toBeInstanceOf(HopError)
    expect(error).toMatchObject({ code: 'HOP_IMAGES_PULL_FAILED', facts: { why: 'no route to host' } })
  })
  test('another image under the same tag is not the pinned one', () => {
    const image = { image: 'a/b:1', digest: `sha256:${'1'.repeat(64)}` }
    const facts = { ref: 'a/b:1', id: '', bytes: 0, created: '', labels: {} }
    expect(isThere(image, { ...facts, digests: [`mirror.example/a/b@${image.digest}`] })).toBe(true)
    expect(isThere(image, { ...facts, digests: [`a/b@sha256:${'2'.repeat(64)}`] })).toBe(false)
    expect(isThere(image, undefined)).toBe(false)
  })
  test('a path in a registry is the name without a host', () => {
    expect(pathOf('ghcr.io/flannel-io/flannel:v1')).toBe('flannel-io/flannel:v1')
    expect(pathOf('kindest/node@sha256:1')).toBe('kindest/node@sha256:1')
    expect(pathOf('debian:bookworm')).toBe('debian:bookworm')
  })
})
