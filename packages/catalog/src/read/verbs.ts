import type { FaultVerb, Verb } from '@hoplab/model'
import type { LoadedVerb } from '../loaded-lab.ts'
import type { Path, YamlDocument } from '../source/yaml-file.ts'
import { type Reading, readManifestsAt } from './manifests.ts'

/** Reads what the verbs apply. `base` is where their list stands in the document, `folder` what their paths start from. */
export async function readVerbs<V extends Verb | FaultVerb>(
  verbs: readonly V[], folder: string, document: YamlDocument, base: Path, reading: Reading,
): Promise<(LoadedVerb | Extract<V, FaultVerb>)[]> {
  const loaded: (LoadedVerb | Extract<V, FaultVerb>)[] = []
  for (const [index, verb] of verbs.entries()) {
    const path = [...base, index]
    const one: LoadedVerb | FaultVerb = 'apply' in verb
      ? { apply: verb.apply, objects: await readManifestsAt(folder, verb.apply, reading, document.at([...path, 'apply'])) }
      : verb
    reading.sources.note(one, document, path)
    loaded.push(one as LoadedVerb | Extract<V, FaultVerb>)
  }
  return loaded
}
