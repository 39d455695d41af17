import type { HopError } from '@hoplab/core'
import { declaredVerdict } from '@hoplab/model'
import { HOP_LAB_EXPECT_INCOMPLETE, HOP_LAB_REFERENCE_UNKNOWN, HOP_LAB_UNCAUGHT, HOP_LAB_UNPROVEN } from '../errors.ts'
import type { LoadedCase, LoadedFault, LoadedLab } from '../loaded-lab.ts'
import { nearest } from '../nearest.ts'
import { networksOf } from './networks.ts'
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
  const unknown = nearMiss.caughtBy.flatMap((name, i) => unknownCheck(name, checks, pointAt(lab, nearMiss, ['caughtBy', i])))
  const scored = checksOf(lab).some(({ check }) => check.points > 0 && nearMiss.caughtBy?.includes(check.id))
  return unknown.length > 0 || scored ? unknown : [HOP_LAB_UNCAUGHT(
    { problem: `No check that catches the near-miss "${nearMiss.name}" has points, so it is worth as much as a solution.`, fix: 'Give one of them points, or name the scored check that must not pass it.' }, pointAt(lab, nearMiss, ['caughtBy']))]
}

/** In every network it can be put into, a fault says of every check what it must find; it names no check, mode or CNI that is not there. */
function expectations(lab: LoadedLab, fault: LoadedFault, checks: readonly string[]): HopError[] {
  const places = [{ at: [] as string[], says: fault as Declaration }, ...(['in', 'on'] as const).flatMap((key) => Object.entries(fault[key]).map(([name, says]) => ({ at: [key, name], says: says as Declaration })))]
  const networks = networksOf(fault, lab)
  const silent = checks.filter((check) => networks.some((network) => declaredVerdict(fault, check, network) === undefined))
  return [
    ...places.flatMap(({ at, says }) => named(says).flatMap(([key, name]) => unknownCheck(name, checks, pointAtKey(lab, fault, [...at, key, name])))),
    ...(fault.cnis ?? []).flatMap((cni, i) => unknownOf('CNI of this lab', cni, lab.file.cnis, pointAt(lab, fault, ['cnis', i]))),
    ...Object.keys(fault.in).flatMap((mode) => unknownOf('proxy mode of this fault', mode, fault.proxyModes, pointAtKey(lab, fault, ['in', mode]))),
    ...Object.keys(fault.on).flatMap((cni) => unknownOf('CNI of this fault', cni, fault.cnis ?? lab.file.cnis, pointAtKey(lab, fault, ['on', cni]))),
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

function unknownOf(sort: string, name: string, known: readonly string[], options: object): HopError[] {
  return known.includes(name) ? [] : [HOP_LAB_REFERENCE_UNKNOWN({ sort, name, known }, options)]
}
