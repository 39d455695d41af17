import { resolve } from 'node:path'
import type { LoadedLab } from '@hoplab/catalog'
import { listLabs, readLab } from '@hoplab/catalog/fs'
import { languagePaths } from './languages.ts'

/** Folder of the labs: HOPLAB_LABS, else the repository's. Astro runs in the site's folder, and pages are bundled elsewhere: the way starts from there. */
export const labsRoot: string = resolve(process.env.HOPLAB_LABS ?? '../labs')

let read: Promise<LoadedLab[]> | undefined

/** Every lab, read once per build. A broken lab fails the build with its positioned error. */
export function allLabs(): Promise<LoadedLab[]> {
  read ??= listLabs(labsRoot).then((labs) => Promise.all(labs.map(({ folder }) => readLab(labsRoot, folder))))
  return read
}

/** One page per lab and language. */
export async function labPaths() {
  const labs = await allLabs()
  return languagePaths.flatMap(({ params, props }) => labs.map((lab) => ({ params: { ...params, lab: lab.file.id }, props: { ...props, lab } })))
}

/** One page per step, lab and language. */
export async function stepPaths() {
  return (await labPaths()).flatMap(({ params, props }) =>
    props.lab.file.steps.map((step, index) => ({ params: { ...params, step: step.id }, props: { ...props, step, index } })))
}

/** Points of some checks together. */
export function pointsOf(checks: readonly { points: number }[]): number {
  return checks.reduce((sum, check) => sum + check.points, 0)
}
