import { expect, test } from 'vitest'
import { versions } from '../versions.ts'
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
  expect(planned(['toolbox']).map((step) => step.name)).toEqual(['debian', 'base', 'hoplab-probe-program', 'hoplab-probe-program-image', 'toolbox'])
})

test('a changed probe does not make the node image again', () => {
  expect(planned(['node']).map((step) => step.name)).not.toContain('hoplab-probe-program')
})
