import { mkdtemp, rm, symlink, mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { diskFiles, readLab as readLabOnDisk, readSubmission as readSubmissionOnDisk } from '../src/fs/index.ts'
import { listLabs, memoryFiles, readLab, readSubmission } from '../src/index.ts'
import { demoLab } from './demo-lab.ts'

const files = memoryFiles(demoLab())

describe('finding a lab', () => {
  test.each(['demo', '01-demo', '1', '01'])('by "%s"', async (asked) => {
    expect((await readLab(files, asked)).folder).toBe('01-demo')
  })

  test('an unknown one: did you mean', async () => {
    await expect(readLab(files, 'demmo')).rejects.toMatchObject({ code: 'HOP_LAB_UNKNOWN', exitCode: 2, message: 'There is no lab "demmo". Did you mean "demo"?' })
    await expect(readLab(files, 'quite-another')).rejects.toMatchObject({ message: 'There is no lab "quite-another".' })
    await expect(readLab(files, '01-dem')).rejects.toMatchObject({ message: 'There is no lab "01-dem". Did you mean "01-demo"?' })
  })

  test('a broken lab is listed beside the others, with its problem', async () => {
    const listed = await listLabs(memoryFiles({ ...demoLab(), '02-broken/lab.yaml': 'id: [', '03-no-lab/readme.md': '', 'schema/lab.json': '{}' }))
    expect(listed).toMatchObject([
      { folder: '01-demo', number: 1, file: { id: 'demo' } },
      { folder: '02-broken', number: 2, problem: { code: 'HOP_LAB_YAML' } },
    ])
  })
})

describe('what a read lab holds', () => {
  test('texts by step and language; the namespace first and filled in; cases in order', async () => {
    const lab = await readLab(files, 'demo')
    expect(lab.texts).toEqual({ first: { en: '# 01-first\n', 'hi-Latn': '# 01-first\n' }, second: { en: '# 02-second\n', 'hi-Latn': '# 02-second\n' } })
    expect(lab.manifests.map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace])).toEqual(
      [['Namespace', 'demo', undefined], ['Pod', 'web', 'demo'], ['Service', 'web', 'demo']])
    expect(lab.solutions.map(({ name, n, verbs }) => [name, n, verbs.length])).toEqual([['1-one', 1, 1], ['2-two', 2, 1]])
    expect(lab.nearMisses[0]).toMatchObject({ name: '1-one', caughtBy: ['answers', 'who'], answers: { who: 'web' }, verbs: [] })
    expect(lab.faults[0]).toMatchObject({ layer: 'node', do: [{ node: 'worker-1', argv: ['ip', 'link'] }], expect: { name: 'skipped' } })
  })

  test('every object knows its file and line', async () => {
    const lab = await readLab(files, 'demo')
    expect(lab.sources.at(lab.manifests[2] as object, ['spec', 'selector'])).toEqual({ file: '01-demo/manifests/web.yaml', line: 17, column: 13 })
    expect(lab.sources.at(lab.manifests[0] as object)).toBeUndefined()
  })

  test('scored checks that wait for an earned one are not free', async () => {
    const lab = demoLab()['01-demo/lab.yaml'] as string
    const scored = (extra: string): Promise<unknown> =>
      readLab(memoryFiles({ ...demoLab(), '01-demo/lab.yaml': lab.replace('        needs: [answers]\n', extra) }), 'demo')
    await expect(scored('        points: 1\n        needs: [answers]\n')).resolves.toBeDefined()
    await expect(scored('        points: 1\n')).rejects.toMatchObject({ code: 'HOP_LAB_POINTS_FREE' })
  })

  test.each(['endpoints, service: web', 'endpoints, service: web, port: 80, backendCount: 1', 'rules, service: web, port: 80', 'hairpin, pod: { name: web }, to: { service: web, port: 80 }'])(
    'a scored check of kind %s is free only where the manifests are right already', async (fields) => {
      const [before = ''] = (demoLab()['01-demo/lab.yaml'] as string).replace('points: 3', 'points: 0').split('      - id: name\n')
      const read = (labels: string): Promise<unknown> => readLab(memoryFiles({
        ...demoLab(), '01-demo/lab.yaml': `${before}      - { id: name, title: { en: A, hi-Latn: B }, points: 1, kind: ${fields} }\n`,
        '01-demo/manifests/web.yaml': (demoLab()['01-demo/manifests/web.yaml'] as string).replace('app: wbe', labels),
      }), 'demo')
      await expect(read('app: wbe')).resolves.toBeDefined()
      await expect(read('app: web')).rejects.toMatchObject({ code: 'HOP_LAB_POINTS_FREE' })
    })

  test.each([[':8080', true], ['127.0.0.1:8080', false], ['127.0.0.1:8080, :8080', true], ['localhost:8080', false]])('points for reaching a server that listens on %s are free: %s', async (listen, free) => {
    const [before = ''] = (demoLab()['01-demo/lab.yaml'] as string).replace('points: 3', 'points: 0').split('      - id: name\n')
    const read = readLab(memoryFiles({
      ...demoLab(), '01-demo/lab.yaml': `${before}      - { id: name, title: { en: A, hi-Latn: B }, points: 1, kind: reach, from: { pod: { name: client } }, to: { pod: { name: web }, port: 8080 } }\n`,
      '01-demo/manifests/web.yaml': (demoLab()['01-demo/manifests/web.yaml'] as string).replace('ports: [{ containerPort: 8080 }]', `env: [{ name: ECHO_LISTEN, value: "${listen}" }]`),
    }), 'demo')
    expect(await read.then(() => 'read', (thrown: { code: string }) => thrown.code)).toBe(free ? 'HOP_LAB_POINTS_FREE' : 'read')
  })

  test.each([
    ['name: web, expect: { clusterIpOf: { service: web } }', true], ['expect: { ptrOf: { service: web } }', true], ['expect: { nxdomain: true }', true],
    ['expect: { ptrOf: { service: gone } }', false], ['expect: { srvOf: { service: web, port: gone } }', false], ['expect: { cnameOf: { service: web } }', false],
    ['expect: { ptrOf: { pod: { name: web } } }', false], ['name: web, expect: { podIpsOf: { name: web } }', false],
  ])('points for DNS, %s, are free: %s', async (fields, free) => {
    const [before = ''] = (demoLab()['01-demo/lab.yaml'] as string).replace('points: 3', 'points: 0').split('      - id: name\n')
    const read = readLab(memoryFiles({ ...demoLab(), '01-demo/lab.yaml': `${before}      - { id: name, title: { en: A, hi-Latn: B }, points: 1, kind: dns, from: { pod: { name: web } }, ${fields} }\n` }), 'demo')
    expect(await read.then(() => 'read', (thrown: { code: string }) => thrown.code)).toBe(free ? 'HOP_LAB_POINTS_FREE' : 'read')
  })
})

describe('a submission', () => {
  const read = async (submission: Record<string, string>) =>
    await readSubmission(memoryFiles(Object.fromEntries(Object.entries(submission).map(([path, text]) => [`mine/${path}`, text]))), 'mine', await readLab(files, 'demo'))
  const service = 'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web } }\n'

  test('manifests alone are applied; answers are taken', async () => {
    expect(await read({ 'manifests/a.yaml': service, 'answers.yaml': 'who: web\n' })).toMatchObject({
      verbs: [{ apply: 'manifests', objects: [{ kind: 'Service', metadata: { name: 'web', namespace: 'demo' } }] }], answers: { who: 'web' } })
  })

  test('a kustomization\'s resources are applied in order, in its namespace', async () => {
    expect(await read({ 'kustomization.yaml': 'namespace: demo\nresources: [b.yaml, more]\n', 'b.yaml': service, 'more/c.yaml': service })).toMatchObject({
      verbs: [{ apply: 'b.yaml', objects: [{ kind: 'Service' }] }, { apply: 'more', objects: [{ kind: 'Service' }] }] })
  })

  test.each([
    ['HOP_LAB_FILE_MISSING', {}],
    ['HOP_LAB_CASE_EMPTY', { 'readme.md': 'hello' }],
    ['HOP_LAB_NAMESPACE_FOREIGN', { 'manifests/a.yaml': service.replace('name: web', 'name: web, namespace: kube-system') }],
    ['HOP_LAB_COMMAND_DENIED', { 'steps.yaml': '- node: worker-1\n  argv: [sh]\n' }],
    ['HOP_LAB_REFERENCE_UNKNOWN', { 'answers.yaml': 'whom: web\n' }],
  ])('%s', async (code, submission) => {
    await expect(read(submission)).rejects.toMatchObject({ code, exitCode: 2, facts: { position: { file: expect.stringContaining('mine') } } })
  })
})

describe('on disk', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'hoplab-catalog-'))
    for (const [path, content] of Object.entries(demoLab())) {
      await mkdir(join(root, path, '..'), { recursive: true })
      await writeFile(join(root, path), content)
    }
  })
  afterEach(async () => { await rm(root, { recursive: true }) })

  test('the same lab, by name and by path', async () => {
    expect((await readLabOnDisk(root, 'demo')).folder).toBe('01-demo')
    expect((await readLabOnDisk('/nowhere', join(root, '01-demo'))).file.id).toBe('demo')
  })

  test('a submission cannot reach outside by a symbolic link', async () => {
    const mine = join(root, 'mine')
    await mkdir(mine)
    await symlink('/etc/passwd', join(mine, 'steps.yaml'))
    await symlink(join(root, '01-demo'), join(mine, 'manifests'))
    expect(await diskFiles(mine).read('steps.yaml')).toBeUndefined()
    expect(await diskFiles(mine).read('manifests/lab.yaml')).toBeUndefined()
    const lab = await readLabOnDisk(root, 'demo')
    await expect(readSubmissionOnDisk(mine, lab)).rejects.toMatchObject({ code: expect.stringMatching(/^HOP_LAB_(FILE_MISSING|CASE_EMPTY)$/u) })
  })
})
