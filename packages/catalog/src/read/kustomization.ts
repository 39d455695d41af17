import { z } from 'zod'
import { HOP_LAB_KUSTOMIZATION } from '../errors.ts'
import type { LoadedVerb } from '../loaded-lab.ts'
import { filledDocument } from '../seed/places.ts'
import { readText } from '../source/text-file.ts'
import { typed } from '../source/typed-file.ts'
import { parseYaml } from '../source/yaml-file.ts'
import { readManifestsAt } from './manifests.ts'
import type { Reading } from './reading.ts'

const read = ['apiVersion', 'kind', 'resources', 'namespace']
const kustomization = z.looseObject({ resources: z.array(z.string()).min(1), namespace: z.string().optional() })

/**
 * A `kustomization.yaml` as verbs: its `resources` (files and folders beside it) in order, in its `namespace`.
 * @throws HOP_LAB_KUSTOMIZATION at the first other field: leaving a patch out in silence would grade something else than was submitted
 */
export async function readKustomization(path: string, folder: string, reading: Reading): Promise<LoadedVerb[]> {
  const [written] = parseYaml(reading.files.shown(path), await readText(reading.files, path, { for: 'as a kustomization' }))
  if (!written) return []
  const document = filledDocument(written, reading.places)
  const { resources, namespace, ...rest } = typed(kustomization, document)
  const foreign = Object.keys(rest).find((key) => !read.includes(key))
  if (foreign !== undefined) {
    throw HOP_LAB_KUSTOMIZATION({ problem: `"${foreign}" of a kustomization is not read.`, fix: 'Run "kubectl kustomize . > manifests/all.yaml" and hand that in, or write steps.yaml.' },
      { position: document.atKey([foreign]) })
  }
  const inNamespace = namespace === undefined ? reading : { ...reading, defaultNamespace: namespace }
  const verbs: LoadedVerb[] = []
  for (const [index, resource] of resources.entries()) {
    const verb: LoadedVerb = { apply: resource, objects: await readManifestsAt(folder, resource, inNamespace, document.at(['resources', index])) }
    reading.sources.note(verb, document, ['resources', index])
    verbs.push(verb)
  }
  return verbs
}
