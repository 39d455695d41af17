import type { LoadedLab } from '@hoplab/catalog'
import { readClaims } from '@hoplab/catalog/fs'
import { type ClaimsFile, isOpen } from '@hoplab/model'
import { labsRoot } from './labs.ts'

let read: Promise<{ claims: ClaimsFile; labs: LoadedLab[] }> | undefined

/** The claims and all labs, read once per build. A broken one fails the build with its positioned error. */
export function allClaims(): Promise<{ claims: ClaimsFile; labs: LoadedLab[] }> {
  read ??= readClaims(labsRoot)
  return read
}

/** Claims under the titles of their sections in the notes. */
export async function claimSections() {
  const { claims: { claims, headings } } = await allClaims()
  const ofSection = Map.groupBy(claims.map((claim) => ({ ...claim, open: isOpen(claim) })), ({ id }) => id.split('.')[0] ?? '')
  return [...ofSection].map(([section, all]) => ({ title: headings.find((heading) => heading.startsWith(`${section}. `)) ?? section, claims: all }))
}
