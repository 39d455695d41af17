import type { HopError } from '@hoplab/core'
import { HOP_LAB_IMAGE_FOREIGN } from '../errors.ts'
import { labImages, type LoadedLab } from '../loaded-lab.ts'
import type { Path } from '../source/yaml-file.ts'
import { pointAt } from './position.ts'
import { caseVerbs, faultVerbs } from './verbs.ts'

/** Every container image of the lab's manifests and patches is one of ours, without a tag. */
export function imageProblems(lab: LoadedLab): HopError[] {
  const verbs = [...caseVerbs(lab), ...faultVerbs(lab)]
  const objects = [...lab.manifests, ...verbs.flatMap((verb) => ('apply' in verb ? verb.objects : []))]
  return [
    ...objects.flatMap((object) => foreignImages(lab, object, object, [])),
    ...verbs.flatMap((verb) => ('patch' in verb ? foreignImages(lab, verb, verb.value, ['value']) : [])),
  ]
}

function foreignImages(lab: LoadedLab, read: object, value: unknown, path: Path): HopError[] {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key]
    if (key !== 'image' || typeof inner !== 'string') return foreignImages(lab, read, inner, here)
    return labImages.includes(inner) ? [] : [HOP_LAB_IMAGE_FOREIGN(
      { problem: `The image "${inner}" is not one that labs may use.`, fix: `Write ${labImages.join(' or ')}, without a tag.` }, pointAt(lab, read, here))]
  })
}
