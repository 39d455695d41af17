import type { HopError } from '@hoplab/core'
import type { ProxyMode } from '@hoplab/model'
import { HOP_LAB_EXPECT_INCOMPLETE, HOP_LAB_REFERENCE_UNKNOWN, HOP_LAB_UNCAUGHT, HOP_LAB_UNPROVEN } from '../errors.ts'
import type { LoadedCase, LoadedFault, LoadedLab } from '../loaded-lab.ts'
import { nearest } from '../nearest.ts'
import { checksOf, pointAt, pointAtKey } from './position.ts'

/** What `prove` works with is complete: enough cases, each near-miss caught by a check, each fault judged by every check. */
export function proofProblems(lab: LoadedLab): HopError[] {
  const checks = checksOf(lab).map(({ check }) => check.id)
  return [
    ...tooFew(lab, 'solutions', lab.solutions.length, 2),
    ...tooFew(lab, 'near-misses', lab.nearMisses.length, 3),
    ...tooFew(lab, 'faults', lab.faults.length, 3),
    ...lab.nearMisses.flatMap((nearMiss) => caught(lab, nearMiss, checks)),
    ...lab.solutions.flatMap((solution) => solution.caughtBy === undefined ? [] : [HOP_LAB_UNCAUGHT(
      { problem: `The solution "${solution.name}" says what catches it.`, fix: 'Remove caughtBy: a solution passes.' }, pointAtKey(lab, solution, ['caughtBy']))]),
    ...lab.faults.flatMap((fault) => expectations(lab, fault, checks)),
  ]
}

function tooFew(lab: LoadedLab, folder: string, there: number, needed: number): HopError[] {
  return there >= needed ? [] : [HOP_LAB_UNPROVEN(
    { problem: `"${lab.folder}" has ${there} ${folder}, and ${needed} are needed.`, fix: `Add folders to "${lab.folder}/${folder}".` }, pointAt(lab, lab.file))]
}

function caught(lab: LoadedLab, nearMiss: LoadedCase, checks: readonly string[]): HopError[] {
  if (!nearMiss.caughtBy || nearMiss.caughtBy.length === 0) {
    return [HOP_LAB_UNCAUGHT({ problem: `The near-miss "${nearMiss.name}" does not say what catches it.`, fix: 'Add caughtBy with check ids to its case.yaml.' }, pointAt(lab, nearMiss))]
  }
  return nearMiss.caughtBy.flatMap((name, i) => unknownCheck(name, checks, pointAt(lab, nearMiss, ['caughtBy', i])))
}

/** In every proxy mode it can be put in, a fault says of every check what it must find; it names no check and no mode that is not there. */
function expectations(lab: LoadedLab, fault: LoadedFault, checks: readonly string[]): HopError[] {
  const places = [{ at: [] as string[], says: fault as Declaration }, ...Object.entries(fault.in).map(([mode, says]) => ({ at: ['in', mode], says: says as Declaration }))]
  const silent = fault.otherwise === undefined ? checks.filter((check) => fault.expect[check] === undefined
    && fault.proxyModes.some((mode) => fault.in[mode]?.expect[check] === undefined && fault.in[mode]?.otherwise === undefined)) : []
  return [
    ...places.flatMap(({ at, says }) => named(says).flatMap(([key, name]) => unknownCheck(name, checks, pointAtKey(lab, fault, [...at, key, name])))),
    ...(Object.keys(fault.in) as ProxyMode[]).filter((mode) => !fault.proxyModes.includes(mode)).map((mode) => HOP_LAB_REFERENCE_UNKNOWN(
      { sort: 'proxy mode of this fault', name: mode, known: fault.proxyModes }, pointAtKey(lab, fault, ['in', mode]))),
    ...(silent.length === 0 ? [] : [HOP_LAB_EXPECT_INCOMPLETE(
      { problem: `The fault "${fault.name}" does not say what ${silent.join(', ')} must find.`, fix: `Add ${silent.map((id) => `"${id}: …"`).join(', ')} to expect, or "otherwise: …".` },
      pointAtKey(lab, fault, ['expect']))]),
  ]
}

type Declaration = Pick<LoadedFault, 'expect' | 'firstBrokenHop'>

/** Every check that a declaration names, with the key under which it stands. */
function named({ expect, firstBrokenHop }: Declaration): (readonly [string, string])[] {
  const hops = typeof firstBrokenHop === 'object' && !Array.isArray(firstBrokenHop) ? Object.keys(firstBrokenHop) : []
  return [...Object.keys(expect).map((name) => ['expect', name] as const), ...hops.map((name) => ['firstBrokenHop', name] as const)]
}

function unknownCheck(name: string, known: readonly string[], options: object): HopError[] {
  return known.includes(name) ? [] : [HOP_LAB_REFERENCE_UNKNOWN({ sort: 'check', name, known, near: nearest(name, known) }, options)]
}
