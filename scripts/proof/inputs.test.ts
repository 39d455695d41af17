import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deciding, decidesOn, labInputs, sharedInputs } from './inputs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hoplab-inputs-'))
  await cp(join(import.meta.dirname, '../../proof/catalogue'), folder, { recursive: true })
})
afterEach(() => rm(folder, { recursive: true }))

const ofFault = (): Promise<string> => labInputs(folder, { cni: 'flannel', proxyMode: 'iptables' }, 'faults/01-selector-wrong', 'solutions/1-mend-selectors')

test.each([
  ['lab.yaml', true], ['manifests/10-clients.yaml', true], ['solutions/1-mend-selectors/steps.yaml', true], ['faults/01-selector-wrong/fault.yaml', true],
  ['manifests/99-new.yaml', true],
  ['steps/01-all.en.md', false], ['faults/02-target-port-wrong/fault.yaml', false], ['solutions/2-other-backends/steps.yaml', false],
])('a change of %s makes another key for a fault: %s', async (file, another) => {
  const before = await ofFault()
  expect(await ofFault()).toBe(before)
  await writeFile(join(folder, file), '# changed')
  expect(await ofFault() !== before).toBe(another)
})

test.each([
  ['lab.yaml', 'cnis: [flannel', 'cnis: [weave, flannel', false], ['lab.yaml', 'minutes: 10', 'minutes: 11', true], ['lab.yaml', 'workers: 2', 'workers: 2 # two', false],
  ['lab.yaml', 'en: Everything', 'en: All', false], ['lab.yaml', 'hi-Latn: Solution 1 dekho.', 'hi-Latn: Pehla solution dekho.', false], ['lab.yaml', 'id: all', 'id: all-of-it', true],
  ['faults/01-selector-wrong/fault.yaml', 'that no Pod has', 'of no Pod', false], ['faults/01-selector-wrong/fault.yaml', 'service: web', 'service: other', true],
  ['faults/01-selector-wrong/fault.yaml', 'layer:', 'cnis: [flannel]\nlayer:', false],
  ['lab.yaml', 'minutes: 10', 'minutes: 10\nnetworks: { device: { flannel: flannel.1 } }', true],
  ['faults/01-selector-wrong/fault.yaml', 'layer:', 'on: { calico: { otherwise: fail } }\nlayer:', false], ['faults/01-selector-wrong/fault.yaml', 'layer:', 'on: { flannel: { otherwise: fail } }\nlayer:', true],
  ['faults/01-selector-wrong/fault.yaml', 'layer:', 'in: { nftables: { otherwise: fail } }\nlayer:', false], ['faults/01-selector-wrong/fault.yaml', 'layer:', 'in: { iptables: { otherwise: fail } }\nlayer:', true],
])('in %s, "%s" become "%s" makes another key on Flannel with iptables: %s', async (file, from, to, another) => {
  const before = await ofFault()
  const text = await readFile(join(folder, file), 'utf8')
  expect(text).toContain(from)
  await writeFile(join(folder, file), text.replace(from, to))
  expect(await ofFault() !== before).toBe(another)
})

test('what a lab says of another network makes no other key', async () => {
  const lab = join(folder, 'lab.yaml')
  const said = async (networks: string): Promise<string> => {
    await writeFile(lab, (await readFile(lab, 'utf8')).replace(/^(?:networks: .*\n)?minutes/mu, `networks: ${networks}\nminutes`))
    return ofFault()
  }
  const before = await said('{ device: { flannel: flannel.1, calico: vxlan.calico } }')
  expect(await said('{ device: { flannel: flannel.1, calico: tunl0, weave: weave } }')).toBe(before)
  expect(await said('{ device: { flannel: flannel.2, calico: tunl0 } }')).not.toBe(before)
})

test('how another network is installed makes no other key, all else of the sources does', () => {
  const paths = ['src/installers/flannel/manifest.ts', 'src/installers/calico/manifest.ts', 'src/index.ts', 'src/port.test.ts', 'src/testing/fake-cni.ts']
  expect(paths.filter(decidesOn('flannel'))).toEqual(['src/installers/flannel/manifest.ts', 'src/index.ts'])
  expect(paths.filter(decidesOn('routes'))).toEqual(['src/index.ts'])
})

test.each([
  ['verify/src/index.ts', '// a word more\n', false], ['verify/src/index.ts', 'export const more = 1\n', true], ['verify/src/more.test.ts', 'export const more = 1\n', false],
  ['verify/package.json', '\n', true], ['images/versions.json', '\n', true], ['cni/src/installers/calico/more.ts', 'export const more = 1\n', false],
])('%s with %j more makes another key on Flannel: %s', async (file, more, another) => {
  const packages = join(import.meta.dirname, '../../packages')
  const wanted = [...deciding.flatMap((name) => [`${name}/src`, `${name}/package.json`]), ...['programs', 'dockerfiles', 'modules', 'versions.json'].map((name) => `images/${name}`)]
  for (const path of wanted) await cp(join(packages, path), join(folder, 'packages', path), { recursive: true })
  const before = await sharedInputs('flannel', folder)
  expect(before).toEqual(await sharedInputs('flannel'))
  await appendFile(join(folder, 'packages', file), more)
  expect(JSON.stringify(await sharedInputs('flannel', folder)) !== JSON.stringify(before)).toBe(another)
})
