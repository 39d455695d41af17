import type { HopError } from '@hoplab/core'
import { type ClaimProof, declaredVerdict } from '@hoplab/model'
import { HOP_LAB_REFERENCE_UNKNOWN, HOP_LAB_UNKNOWN } from '../errors.ts'
import type { LoadedCase, LoadedFault, LoadedLab } from '../loaded-lab.ts'
import { nearest } from '../nearest.ts'
import { networksOf } from '../rules/networks.ts'
import type { Path } from '../source/yaml-file.ts'
import { HOP_CLAIM_EXISTENCE, HOP_CLAIM_UNREFUTED } from './errors.ts'
import type { LoadedClaims } from './loaded-claims.ts'

/** Kinds of check that look at nothing but what is written down somewhere. */
const mereWords: readonly string[] = ['object', 'answer']

/** Every proof names a lab, step, check and counter-case that exist, and the counter-case declares that the check fails. */
export function proofProblems({ file, document }: LoadedClaims, labs: readonly LoadedLab[]): HopError[] {
  return file.claims.flatMap(({ proof }, index) => proof.flatMap((one, place) => {
    const problem = problemOf(one, labs, (key) => ({ position: document.at(['claims', index, 'proof', place, ...key]) }))
    return problem ? [problem] : []
  }))
}

/** The first thing that is wrong: what follows would only be its consequence. */
function problemOf(proof: ClaimProof, labs: readonly LoadedLab[], at: (key: Path) => object): HopError | undefined {
  const lab = labs.find((one) => one.file.id === proof.lab)
  const ids = labs.map((one) => one.file.id)
  if (!lab) return HOP_LAB_UNKNOWN({ asked: proof.lab, known: ids, near: nearest(proof.lab, ids) }, at(['lab']))
  const unknown = (sort: string, key: 'step' | 'check' | 'counterCase', known: readonly string[]): HopError =>
    HOP_LAB_REFERENCE_UNKNOWN({ sort, name: proof[key], known, near: nearest(proof[key], known) }, at([key]))
  const step = lab.file.steps.find(({ id }) => id === proof.step)
  if (!step) return unknown('step', 'step', lab.file.steps.map(({ id }) => id))
  const check = step.checks.find(({ id }) => id === proof.check)
  if (!check) return unknown('check', 'check', step.checks.map(({ id }) => id))
  if (mereWords.includes(check.kind)) {
    return HOP_CLAIM_EXISTENCE({ problem: `The check "${check.id}" is of kind "${check.kind}", which proves no claim.`, fix: 'Name a check that looks at packets, rules, names, processes or files.' }, at(['check']))
  }
  const cases = casesOf(lab)
  const counter = cases.get(proof.counterCase)
  if (!counter) return unknown('fault or near-miss', 'counterCase', [...cases.keys()])
  if (failsIn(counter, check.id, lab)) return undefined
  const red = [...cases].filter(([, one]) => failsIn(one, check.id, lab)).map(([name]) => name)
  return HOP_CLAIM_UNREFUTED({ problem: `In "${proof.counterCase}" the check "${check.id}" is not declared to fail.`,
    fix: red.length > 0 ? `Name one of: ${red.join(', ')}.` : 'Name another check, or write a near-miss that this one catches.' }, at(['counterCase']))
}

/** The cases of a lab in which something is wrong, by folder. */
export function casesOf(lab: LoadedLab): Map<string, LoadedCase | LoadedFault> {
  const named = (folder: string, cases: readonly (LoadedCase | LoadedFault)[]): [string, LoadedCase | LoadedFault][] => cases.map((one) => [`${folder}/${one.name}`, one])
  return new Map([...named('faults', lab.faults), ...named('near-misses', lab.nearMisses)])
}

function failsIn(one: LoadedCase | LoadedFault, check: string, lab: LoadedLab): boolean {
  if (!('expect' in one)) return one.caughtBy?.includes(check) ?? false
  const networks = networksOf(one, lab)
  return networks.length > 0 && networks.every((network) => declaredVerdict(one, check, network) === 'fail')
}
