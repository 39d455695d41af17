import { type ClusterRanges, type CniName, defaultRanges, type LabFile, rangeNames, type SeedValue, seededRanges, seedName, slug } from '@hoplab/model'
import { z } from 'zod'
import type { LoadedLab } from '../loaded-lab.ts'
import type { SourceMap } from '../source/source-map.ts'
import { typed } from '../source/typed-file.ts'
import type { YamlDocument } from '../source/yaml-file.ts'
import type { Draw } from './draw.ts'
import { filledValue, noPlaces, type Places } from './places.ts'

const value = z.union([z.string(), z.int()])

/** As much of `seed` and `networks` in lab.yaml as can be read while its places are not filled; the whole is read afterwards. */
const unfilled = z.looseObject({ cnis: z.array(z.string()).default([]), networks: z.record(seedName, z.record(z.string(), value)).default({}), seed: z.looseObject({
  values: z.record(seedName, z.array(value).min(1)).default({}),
  ranges: seededRanges.default({}),
  faults: z.record(seedName, z.record(slug, z.looseObject({ values: z.record(seedName, value).default({}) })).refine((faults) => Object.keys(faults).length > 0, 'must not be empty')).default({}),
}).default({ values: {}, ranges: {}, faults: {} }) })

/**
 * What is drawn for the lab of this `lab.yaml` on `cni`; on the first it names where it is not for that one, for whoever asks is refused then. Plain values,
 * ranges and what differs by network come first: values of breakages may have places for them.
 * @throws HOP_LAB_VALUE_INVALID, HOP_LAB_PLACE_UNKNOWN (exit 2, positioned)
 */
export async function drawnPlaces(document: YamlDocument, draw: Draw, cni?: CniName): Promise<Places> {
  const about = document.value as { id?: unknown; seed?: unknown; networks?: unknown } | null
  if (about?.seed === undefined && about?.networks === undefined) return noPlaces
  const { seed, networks, cnis } = typed(unfilled, document)
  const lab = String(about.id)
  filledValue(seed.values, ['seed', 'values'], document, noPlaces)
  filledValue(networks, ['networks'], document, noPlaces)
  const on = cnis.find((one) => one === cni) ?? cnis[0] ?? ''
  const network = new Map(Object.entries(networks).flatMap(([name, { [on]: one }]) => (one === undefined ? [] : [[name, one] as const])))
  const values = new Map<string, SeedValue>()
  for (const [name, of] of Object.entries(seed.values)) values.set(name, of[await draw(lab, name, of.length)] ?? '')
  for (const name of rangeNames) {
    const of = seed.ranges[name]
    if (of) values.set(name, of[await draw(lab, name, of.length, 'turned')] ?? '')
  }
  const plain: Places = { ...noPlaces, values: new Map(values), network }
  const drawn = new Set<string>()
  for (const [name, faults] of Object.entries(seed.faults)) {
    const ids = Object.keys(faults)
    const id = ids[await draw(lab, name, ids.length)] ?? ''
    drawn.add(id)
    values.set(name, id)
    const own = filledValue(faults[id]?.values, ['seed', 'faults', name, id, 'values'], document, plain) as Record<string, SeedValue>
    for (const [key, one] of Object.entries(own)) values.set(key, one)
  }
  return { values, network, drawn, drawable: new Set(Object.values(seed.faults).flatMap((faults) => Object.keys(faults))) }
}

/** The ranges of the lab's cluster: those that the seed drew, and for others what every cluster has. */
export function drawnRanges({ seed }: LabFile, { values }: Places): ClusterRanges {
  const drawn = rangeNames.filter((name) => seed?.ranges[name]).map((name) => [name, String(values.get(name))])
  return { ...defaultRanges, ...Object.fromEntries(drawn) as Partial<ClusterRanges> }
}

/** The breakages that the seed drew, in the order of lab.yaml; where each stands there is noted. */
export function plantedFaults(file: LabFile, { drawn }: Places, document: YamlDocument, sources: SourceMap): LoadedLab['planted'] {
  const chosen = Object.entries(file.seed?.faults ?? {}).flatMap(([name, faults]) => Object.entries(faults).filter(([id]) => drawn.has(id)).map(([id, { plant }]) => ({ name, id, plant })))
  for (const { name, id, plant } of chosen) for (const [index, verb] of plant.entries()) sources.note(verb, document, ['seed', 'faults', name, id, 'plant', index])
  return chosen.flatMap(({ plant }) => plant)
}
