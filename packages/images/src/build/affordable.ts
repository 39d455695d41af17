import { existsSync } from 'node:fs'
import { cniImages, everyCniImage } from '../cni-images.ts'
import { planned } from './plan.ts'
import { type Step, stepFolder } from './step.ts'

/** Steps of the images that take minutes to build. */
export const costlySteps: readonly string[] = everyCniImage.filter((key) => cniImages[key].costly).map((key) => cniImages[key].step)

/** From here on a program that is not in the cache is too much for a gate that can do without it. Milliseconds. */
const muchMs = 60_000

/** All steps but those which only a costly image needs whose long compilation is still to be done. */
export function affordable(costly: readonly string[], steps: readonly Step[], hashes: ReadonlyMap<string, string>): Step[] {
  const ordinary = steps.filter(({ name }) => !isOnlyFor(name, costly, steps))
  const cheap = costly.filter((name) => planned([name], steps).every((step) => ordinary.includes(step) || step.output.kind !== 'folder' || step.expectedMs < muchMs || existsSync(stepFolder(step.name, hashes.get(step.name) ?? ''))))
  const kept = new Set([...ordinary, ...cheap.flatMap((name) => planned([name], steps))])
  return steps.filter((step) => kept.has(step))
}

/** Whether a step is one of `costly`, or is there for nothing else. */
function isOnlyFor(name: string, costly: readonly string[], steps: readonly Step[]): boolean {
  if (costly.includes(name)) return true
  const users = steps.filter(({ needs }) => needs.includes(name))
  return users.length > 0 && users.every((user) => isOnlyFor(user.name, costly, steps))
}
