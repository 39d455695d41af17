import { HopError } from '@hoplab/core'
import { describe, expect, test } from 'vitest'
import { lintLab, memoryFiles, nthDraw, readLab, readLabFolder } from '../src/index.ts'
import { demoLab } from './demo-lab.ts'

const labFile = '01-demo/lab.yaml'
const steps = '01-demo/solutions/1-one/steps.yaml'
const networksPart = `networks:
  tunnel: { flannel: flannel.1, calico: vxlan.calico }
  port: { flannel: 8472, calico: 4789 }
seed:
  faults:
    back:
      drop: { plant: [{ fault: forward-drop, with: { node: worker-1, port: $network.port } }], values: { told: drops on $network.port } }
      off: { plant: [{ fault: ip-forward-off, with: { node: worker-1 } }], values: { told: no forwarding } }
steps:`

/** The demo lab for two networks, with places for what differs between them; `edits` replace texts in files, by path. */
function labOfNetworks(edits: Record<string, [string, string]> = {}): Record<string, string> {
  const files = demoLab() as Record<string, string>
  const edit = (file: string, from: string, to: string): void => {
    if (!files[file]?.includes(from)) throw new Error(`"${from}" is not in ${file}`)
    files[file] = files[file].replaceAll(from, () => to)
  }
  edit(labFile, 'cnis: [flannel]', 'cnis: [flannel, calico]')
  edit(labFile, 'steps:\n', `${networksPart}\n`)
  edit(labFile, 'equals: web', 'equals: $network.tunnel')
  files['01-demo/steps/01-first.en.md'] = '# First\n\nLook at `$network.tunnel`, which $seed.told.\n'
  files[steps] = '- { node: worker-1, argv: [ip, route, get, "--dport=$network.port"] }\n'
  for (const [file, [from, to]] of Object.entries(edits)) edit(file, from, to)
  return files
}

describe('what a lab says of its network', () => {
  const read = (cni?: 'flannel' | 'calico' | 'weave') => readLabFolder(memoryFiles(labOfNetworks()), '01-demo', nthDraw(0), cni)
  test.each([['flannel', 'flannel.1', 8472], ['calico', 'vxlan.calico', 4789]] as const)('on %s fills texts, truths, verbs and what the seed plants', async (cni, tunnel, port) => {
    const lab = await read(cni)
    expect(lab.texts.first?.en).toContain(`Look at \`${tunnel}\`, which drops on ${port}.`)
    expect(lab.file.steps[0]?.checks[1]).toMatchObject({ truth: { equals: tunnel } })
    expect(lab.solutions[0]?.verbs[0]).toEqual({ node: 'worker-1', argv: ['ip', 'route', 'get', `--dport=${port}`] })
    expect(lab.planted).toMatchObject([{ fault: 'forward-drop', with: { node: 'worker-1', port } }])
  })
  test('is that of the first one where none is named, and where one is that the lab is not for', async () => {
    const [first, none, other] = await Promise.all([read('flannel'), read(), read('weave')])
    expect([none.texts, other.texts]).toEqual([first.texts, first.texts])
    expect((await readLab(memoryFiles(labOfNetworks()), 'demo', '1', 'calico').catch((error: unknown) => error))).toMatchObject({ texts: { first: { en: expect.stringContaining('vxlan.calico') } } })
  })
  test('a translation is of the text with its places, whatever the network is', async () => {
    expect((await read('flannel')).translations).toEqual((await read('calico')).translations)
  })
  test('paragraphs for one network stand in the text of that one alone, and code stays as it is', async () => {
    const text = 'All.\n\n::: flannel\nA bridge, `$network.tunnel`.\n:::\n\n:::calico\nNo bridge.\n\nNone.\n:::\n\n```sh\n::: calico\n\n\nls\n```\n\n::: flannel, calico\nBoth.\n:::\n'
    const files = { ...labOfNetworks(), '01-demo/steps/01-first.en.md': text }
    const on = async (cni?: 'flannel' | 'calico') => (await readLabFolder(memoryFiles(files), '01-demo', nthDraw(0), cni)).texts.first?.en
    const flannel = 'All.\n\nA bridge, `flannel.1`.\n\n```sh\n::: calico\n\n\nls\n```\n\nBoth.\n'
    expect([await on('flannel'), await on('calico'), await on()]).toEqual([flannel, 'All.\n\nNo bridge.\n\nNone.\n\n```sh\n::: calico\n\n\nls\n```\n\nBoth.\n', flannel])
  })
  test.each([
    ['never end', '::: calico\nNo bridge.\n', 1], ['end and never began', 'All.\n:::\n', 2], ['begin inside others', '::: calico\n\n::: flannel\n:::\n', 3], ['are for a network that the lab is not for', 'All.\n\n::: calico weave\n:::\n', 3],
  ])('paragraphs that %s are one error at their line', async (_mistake, text, line) => {
    const file = '01-demo/steps/01-first.en.md'
    const problem = await readLabFolder(memoryFiles({ ...labOfNetworks(), [file]: text }), '01-demo', nthDraw(0)).catch((error: unknown) => error)
    expect(problem).toMatchObject({ facts: { code: 'HOP_LAB_PARAGRAPHS', exitCode: 2, position: { file, line, column: 1 } } })
  })
  test.each([
    ['an unknown place in a text', '01-demo/steps/01-first.en.md', '$network.tunnel', '$network.tunel', 'HOP_LAB_PLACE_UNKNOWN', '$network.tunel', '"$network.tunnel"'],
    ['a place of the seed that the network has', labFile, 'equals: $network.tunnel', 'equals: $seed.tunnel', 'HOP_LAB_PLACE_UNKNOWN', '$seed.tunnel', 'under seed'],
    ['a place among the values', labFile, 'calico: vxlan.calico', 'calico: $seed.back', 'HOP_LAB_PLACE_UNKNOWN', '$seed.back', 'under seed'],
    ['a network without a value', labFile, ', calico: 4789', '', 'HOP_LAB_VALUE_INVALID', '{ flannel: 8472', 'calico'],
    ['a value for a network that the lab is not for', labFile, 'calico: 4789 }', 'calico: 4789, weave: 6783 }', 'HOP_LAB_VALUE_INVALID', '6783', '"cnis"'],
    ['a value for what is no network', labFile, 'calico: 4789 }', 'calico: 4789, calicoo: 4789 }', 'HOP_LAB_KEY_UNKNOWN', 'calicoo', 'calico'],
  ])('%s is one error at its place', async (_mistake, file, from, to, code, at, words) => {
    const files = labOfNetworks({ [file]: [from, to] })
    const problem = await readLabFolder(memoryFiles(files), '01-demo', nthDraw(0)).then((lab) => lintLab(lab)[0], (error: unknown) => error)
    if (!(problem instanceof HopError)) throw new Error('no problem')
    const before = (files[file] ?? '').slice(0, (files[file] ?? '').indexOf(at)).split('\n')
    expect(problem.facts).toMatchObject({ code, position: { file, line: before.length, column: (before.at(-1) ?? '').length + 1 } })
    expect(`${problem.facts.why} ${problem.facts.what} ${problem.facts.fix}`).toContain(words)
  })
})
