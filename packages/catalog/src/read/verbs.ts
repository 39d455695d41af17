import type { FaultVerb, Verb } from '@hoplab/model'
import { HOP_LAB_REFERENCE_UNKNOWN } from '../errors.ts'
import type { LoadedVerb } from '../loaded-lab.ts'
import type { Path, YamlDocument } from '../source/yaml-file.ts'
import { refuseWrongLive } from './live.ts'
import { readManifestsAt } from './manifests.ts'
import type { Reading } from './reading.ts'

/** Reads what the verbs apply, and leaves out those that are for a fault that the seed did not draw. `base` is where their list stands in the document, `folder` what their paths start from. */
export async function readVerbs<V extends Verb | FaultVerb>(
  verbs: readonly V[], folder: string, document: YamlDocument, base: Path, reading: Reading,
): Promise<(LoadedVerb | Extract<V, FaultVerb>)[]> {
  const loaded: (LoadedVerb | Extract<V, FaultVerb>)[] = []
  for (const [index, written] of verbs.entries()) {
    const path = [...base, index]
    const { drawn, ...verb } = 'drawn' in written ? written : { ...written, drawn: undefined }
    const { places } = reading
    if (drawn !== undefined && !places.drawable.has(drawn)) throw HOP_LAB_REFERENCE_UNKNOWN({ sort: 'fault of the seed', name: drawn, known: [...places.drawable] }, { position: document.at([...path, 'drawn']) })
    const one = 'apply' in verb
      ? { apply: verb.apply, objects: await readManifestsAt(folder, verb.apply, reading, document.at([...path, 'apply'])) }
      : verb as LoadedVerb | FaultVerb
    if ('patch' in one) refuseWrongLive(one.value, [...path, 'value'], document)
    reading.sources.note(one, document, path)
    if (drawn === undefined || places.drawn.has(drawn)) loaded.push(one as LoadedVerb | Extract<V, FaultVerb>)
  }
  return loaded
}
