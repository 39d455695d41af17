import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { decidesOn, labInputs } from './inputs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hoplab-inputs-'))
  await cp(join(import.meta.dirname, '../../proof/catalogue'), folder, { recursive: true })
})
afterEach(() => rm(folder, { recursive: true }))

const ofFault = (): Promise<string> => labInputs(folder, 'faults/01-selector-wrong', 'solutions/1-mend-selectors')

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

test('how another network is installed makes no other key, all else of the sources does', () => {
  const paths = ['src/installers/flannel/manifest.ts', 'src/installers/calico/manifest.ts', 'src/index.ts', 'src/port.test.ts', 'src/testing/fake-cni.ts']
  expect(paths.filter(decidesOn('flannel'))).toEqual(['src/installers/flannel/manifest.ts', 'src/index.ts'])
  expect(paths.filter(decidesOn('routes'))).toEqual(['src/index.ts'])
})
