import { join } from 'node:path'
import { HopError } from '@hoplab/core'
import { describe, expect, test } from 'vitest'
import { diskFiles, listLabs, readLab as readLabOnDisk } from '../src/fs/index.ts'
import { lintLab, lintTexts, memoryFiles, nthDraw, readGlossary, readLab, readLabFolder, seedDraw, seedVariants } from '../src/index.ts'
import { demoLab } from './demo-lab.ts'

const labFile = '01-demo/lab.yaml'
const seedPart = `seed:
  values:
    web: [web, shop]
    port: [80, 8088]
  ranges:
    pods: [10.244.0.0/16, 10.42.0.0/16, 10.64.0.0/16]
    services: [10.96.0.0/16, 10.43.0.0/16]
  faults:
    front:
      selector: { plant: [{ fault: selector-wrong, with: { service: $seed.web } }], values: { told: labels of $seed.web } }
      dns: { plant: [{ fault: coredns-scaled-down }], values: { told: CoreDNS } }
steps:`
const steps = '01-demo/solutions/1-one/steps.yaml'

/** The demo lab with places for a seed in every sort of file; `edits` replace texts in files, by path. */
function seededLab(edits: Record<string, [string, string]> = {}): Record<string, string> {
  const files = demoLab() as Record<string, string>
  const edit = (file: string, from: string, to: string): void => {
    if (!files[file]?.includes(from)) throw new Error(`"${from}" is not in ${file}`)
    files[file] = files[file].replaceAll(from, () => to)
  }
  edit(labFile, 'steps:\n', `${seedPart}\n`)
  edit(labFile, 'service: web', 'service: $seed.web')
  edit(labFile, 'port: 80 }', 'port: $seed.port }')
  edit('01-demo/manifests/web.yaml', 'name: web\nspec:\n  selector', 'name: $seed.web\nspec:\n  selector')
  edit('01-demo/manifests/web.yaml', 'port: 80,', 'port: $seed.port,')
  files['01-demo/steps/01-first.en.md'] = '# First\n\nAsk http://$seed.web:$seed.port/ of $seed.told, not of $seed.services.\n'
  files[steps] = '- { drawn: selector, delete: { apiVersion: v1, kind: Service, name: $seed.web } }\n- { drawn: dns, delete: { apiVersion: v1, kind: Pod, name: web } }\n- { node: worker-1, argv: [ip, route, get, $seed.pods] }\n'
  for (const [file, [from, to]] of Object.entries(edits)) edit(file, from, to)
  return files
}

const problemOf = async (work: Promise<unknown>): Promise<HopError> => {
  const problem = await work.then(() => undefined, (error: unknown) => error)
  if (!(problem instanceof HopError)) throw new Error('no problem')
  return problem
}

async function firstProblem(files: Record<string, string>): Promise<void> {
  const [problem] = lintLab(await readLabFolder(memoryFiles(files), '01-demo', nthDraw(0)))
  if (problem) throw problem
}

describe('a draw', () => {
  test('is the same on every machine: these numbers never change', async () => {
    const draw = seedDraw('1')
    expect(await Promise.all(['shop', 'port', 'front', 'back'].map((name) => draw('recap', name, 4)))).toEqual([0, 3, 2, 0])
  })
  test('is even over seeds, and of one entry says nothing of another', async () => {
    const pairs = new Map<string, number>()
    for (let seed = 0; seed < 800; seed++) {
      const draw = seedDraw(String(seed))
      const pair = `${await draw('demo', 'front', 2)} ${await draw('demo', 'back', 2)}`
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
    }
    expect(pairs.size).toBe(4)
    // 200 expected of each; 6 standard deviations are 74.
    for (const count of pairs.values()) expect(Math.abs(count - 200)).toBeLessThan(74)
  })
  test.each(['', ' ', 'a b', 'ä', 'x'.repeat(65), '$(id)'])('the seed "%s" is refused', (text) => {
    expect(() => seedDraw(text)).toThrow(expect.objectContaining({ code: 'HOP_SEED_INVALID', exitCode: 2 }))
  })
})

describe('a lab with a seed', () => {
  const read = (n: number) => readLabFolder(memoryFiles(seededLab()), '01-demo', nthDraw(n))
  test('has its places filled in every sort of file, numbers as numbers', async () => {
    const lab = await read(1)
    expect(lab.manifests.at(-1)).toMatchObject({ metadata: { name: 'shop' }, spec: { ports: [{ port: 8088, targetPort: 8080 }] } })
    expect(lab.file.steps[0]?.checks[0]).toMatchObject({ to: { service: 'shop', port: 8088 } })
    expect(lab.texts.first?.en).toContain('Ask http://shop:8088/ of CoreDNS, not of 10.43.0.0/16.')
    expect((await read(0)).texts.first?.en).toContain('Ask http://web:80/ of labels of web, not of 10.96.0.0/16.')
  })
  test('plants the drawn fault, and cases do what is for it', async () => {
    const [first, second] = [await read(0), await read(1)]
    expect(first.planted).toEqual([{ fault: 'selector-wrong', with: { service: 'web' } }])
    expect(second.planted).toEqual([{ fault: 'coredns-scaled-down', with: {} }])
    expect(first.solutions[0]?.verbs[0]).toEqual({ delete: { apiVersion: 'v1', kind: 'Service', name: 'web' } })
    expect(second.solutions[0]?.verbs[0]).toEqual({ delete: { apiVersion: 'v1', kind: 'Pod', name: 'web' } })
  })
  test('keeps every rule, and three readings see all of it', async () => {
    for (const n of [0, 1, 2]) expect(lintLab(await read(n))).toEqual([])
    expect(seedVariants((await read(0)).file)).toBe(3)
    expect(new Set((await Promise.all([read(0), read(1), read(2)])).map(({ ranges }) => ranges.pods)).size).toBe(3)
  })
  test('says the ranges of its cluster, of which the seed that nobody gave draws the first', async () => {
    const drawn = async (seed?: string) => (await readLab(memoryFiles(seededLab()), 'demo', seed))
    expect((await drawn()).ranges).toEqual({ pods: '10.244.0.0/16', services: '10.96.0.0/16' })
    expect((await drawn('1')).ranges).toEqual((await drawn()).ranges)
    const many = await Promise.all(Array.from({ length: 40 }, (_, seed) => drawn(String(seed))))
    expect(new Set(many.map(({ ranges }) => `${ranges.pods} ${ranges.services}`)).size).toBe(6)
    for (const { ranges, solutions } of many) expect(solutions[0]?.verbs.at(-1)).toEqual({ node: 'worker-1', argv: ['ip', 'route', 'get', ranges.pods] })
  })
  test('has the ranges of every cluster where it does not say', async () => {
    expect((await readLabFolder(memoryFiles(demoLab() as Record<string, string>), '01-demo')).ranges).toEqual({ pods: '10.244.0.0/16', services: '10.96.0.0/16' })
    const files = seededLab({ [labFile]: ['    services: [10.96.0.0/16, 10.43.0.0/16]\n', ''], '01-demo/steps/01-first.en.md': [', not of $seed.services', ''] })
    expect((await readLabFolder(memoryFiles(files), '01-demo', nthDraw(1))).ranges.services).toBe('10.96.0.0/16')
  })
  test('a translation is of the text with its places, whatever is drawn', async () => {
    expect((await read(0)).translations).toEqual((await read(1)).translations)
  })
  test.each([
    ['an unknown place in lab.yaml', labFile, 'service: $seed.web, port', 'service: $seed.wbe, port', 'HOP_LAB_PLACE_UNKNOWN', '$seed.wbe'],
    ['an unknown place in a manifest', '01-demo/manifests/web.yaml', 'name: $seed.web\n', 'name: $seed.shop\n', 'HOP_LAB_PLACE_UNKNOWN', '$seed.shop'],
    ['an unknown place in a text', '01-demo/steps/01-first.en.md', '$seed.told', '$seed.toll', 'HOP_LAB_PLACE_UNKNOWN', '$seed.toll'],
    ['a place as a key', '01-demo/manifests/web.yaml', 'selector: { app: wbe }', 'selector: { $seed.web: wbe }', 'HOP_LAB_PLACE_UNKNOWN', '$seed.web: wbe'],
    ['a place among the values', labFile, '[web, shop]', '[web, $seed.port]', 'HOP_LAB_PLACE_UNKNOWN', '$seed.port]'],
    ['a place among the ranges', labFile, '10.64.0.0/16]', '$seed.web]', 'HOP_LAB_VALUE_INVALID', '$seed.web]'],
    ['a range that another may meet', labFile, '[10.96.0.0/16, 10.43.0.0/16]', '[10.96.0.0/16, 10.42.8.0/24]', 'HOP_LAB_VALUE_INVALID', '10.42.8.0/24'],
    ['ranges of something else', labFile, '    services: [', '    service: [', 'HOP_LAB_KEY_UNKNOWN', 'service: ['],
    ['a value named as a range is', labFile, 'web: [web, shop]', 'web: [web, shop]\n    pods: [few, many]', 'HOP_LAB_VALUE_INVALID', '[few, many]'],
    ['a verb for a fault that nothing draws', steps, 'drawn: dns', 'drawn: dsn', 'HOP_LAB_REFERENCE_UNKNOWN', 'dsn'],
    ['a fault that leaves a place empty', labFile, ', values: { told: CoreDNS }', '', 'HOP_LAB_SEED_UNEVEN', 'dns: { plant'],
    ['a name twice', labFile, 'port: [80, 8088]', 'front: [80, 8088]\n    port: [80, 8088]', 'HOP_LAB_ID_DUPLICATE', 'front:\n'],
    ['a planted fault on a node that is not there', labFile, 'fault: selector-wrong, with: { service: $seed.web }', 'fault: ip-forward-off, with: { node: worker-7 }', 'HOP_LAB_NODE_UNKNOWN', 'worker-7'],
    ['a number where a name is asked for', labFile, 'service: $seed.web, port', 'service: $seed.port, port', 'HOP_LAB_VALUE_INVALID', '$seed.port, port'],
  ])('%s is one error at its place', async (_mistake, file, from, to, code, at) => {
    const files = seededLab({ [file]: [from, to] })
    const { facts } = await problemOf(firstProblem(files))
    const before = (files[file] ?? '').slice(0, (files[file] ?? '').indexOf(at)).split('\n')
    expect(facts).toMatchObject({ code, position: { file, line: before.length, column: (before.at(-1) ?? '').length + 1 } })
  })
  test('a lab whose seed has a typo is refused whole', async () => {
    expect((await problemOf(readLab(memoryFiles(seededLab()), 'demo', 'no seed'))).code).toBe('HOP_SEED_INVALID')
  })
})

const root = join(import.meta.dirname, '../../../labs')
const glossary = await readGlossary(diskFiles(root))

const labs = await Promise.all((await listLabs(root)).map(async ({ folder }) => ({ folder, lab: await readLabOnDisk(root, folder) })))

test.each(labs.filter(({ lab }) => lab.file.seed === undefined))('$folder is the same for every seed', async ({ folder, lab: { sources: _sources, ...lab } }) => {
  const { sources: _others, ...other } = await readLabOnDisk(root, folder, 'another')
  expect(other).toEqual(lab)
})

const seeded = labs.filter(({ lab }) => lab.file.seed !== undefined)

test('there is a lab that differs from seed to seed', () => {
  expect(seeded.map(({ folder }) => folder)).toContain('07-recap')
})

test.each(seeded)('$folder keeps every rule whatever is drawn', async ({ folder, lab: { file } }) => {
  for (let n = 0; n < seedVariants(file); n++) {
    const drawn = await readLabFolder(diskFiles(root), folder, nthDraw(n))
    expect([...lintLab(drawn), ...lintTexts(drawn, glossary)].map(({ facts }) => facts)).toEqual([])
  }
})
