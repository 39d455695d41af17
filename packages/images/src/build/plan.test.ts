import { expect, test } from 'vitest'
import { versions } from '../versions.ts'
import { type CniImage, cniImages, everyCniImage } from '../cni-images.ts'
import { cniImageName } from '../image-set.ts'
import { allSteps, planned } from './plan.ts'

test('each step stands after those it needs, and no two make the same image', () => {
  const seen = new Set<string>()
  const refs: string[] = []
  for (const step of allSteps) {
    for (const need of step.needs) expect(seen, `${step.name} needs ${need}`).toContain(need)
    seen.add(step.name)
    if (step.output.kind === 'image') refs.push(step.output.ref(versions))
  }
  expect(new Set(refs).size).toBe(refs.length)
})

test('the toolbox needs neither Kubernetes nor the node', () => {
  expect(planned(['toolbox']).map((step) => step.name)).toEqual(['debian', 'base', 'hoplab-probe-program', 'hoplab-agent-program', 'hoplab-probe-program-image', 'toolbox'])
})

test('a changed probe does not make the node image again', () => {
  expect(planned(['node']).map((step) => step.name)).not.toContain('hoplab-probe-program')
})

test.each(everyCniImage)('image %s of a CNI is made by the step and under the name that its cluster looks for', (key: CniImage) => {
  const made = allSteps.find(({ name }) => name === cniImages[key].step)
  expect(made?.output.kind === 'image' ? made.output.ref(versions) : undefined).toBe(cniImageName('local', key))
})

test('what is built on request alone is no part of a whole build, and nothing of one needs it', () => {
  const unasked = new Set(planned().map(({ name }) => name))
  for (const step of allSteps) expect(unasked.has(step.name), step.name).toBe(step.onRequest !== true)
  for (const key of everyCniImage) expect(unasked.has(cniImages[key].step), key).toBe(cniImages[key].onRequest !== true)
  expect(planned(['weave']).map(({ name }) => name)).toEqual(['debian', 'base', 'weave-source', 'weave-programs', 'weave'])
})

test('a CNI that is not inside the node image does not make that one again', () => {
  const node = new Set(planned(['node']).map((step) => step.name))
  for (const key of everyCniImage) expect(node.has(cniImages[key].step), key).toBe(cniImages[key].place === 'node-image')
})
