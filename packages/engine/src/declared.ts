import { type CheckResult, declaredHop, declaredVerdict, type FaultNetwork, type LabResult, type PhaseResult } from '@hoplab/model'
import type { CaseMaterial, FaultMaterial } from './material.ts'

/** How an untouched lab differs from what every lab promises: red, and nothing scored. Undefined = it does not. */
export function untouchedDeviation(result: LabResult): string | undefined {
  if (result.points > 0) return `an untouched lab scores ${result.points} points, must be 0: ${named(result.checks, (check) => check.points > 0)}`
  if (result.verdict !== 'fail') return `an untouched lab is ${result.verdict}, must be fail${because(result.checks, 'inconclusive')}`
  // A scored check that could not be looked at was not shown to be red.
  const unseen = result.checks.filter((check) => check.maxPoints > 0 && check.verdict === 'inconclusive')
  return unseen.length === 0 ? undefined : `scored checks could not be looked at: ${named(unseen, () => true)}`
}

/** How a solved lab differs from full points and no red. */
export function solvedDeviation(result: LabResult): string | undefined {
  if (result.verdict === 'pass' && result.points === result.maxPoints) return undefined
  return `${result.points} of ${result.maxPoints} points, ${result.verdict}: ${named(result.checks, (check) => check.verdict !== 'pass' && check.verdict !== 'not-offered')}`
}

/** How a near-miss differs: it must be below full, and every check that is meant to catch it must be red. */
export function nearMissDeviation(nearMiss: CaseMaterial): (result: LabResult) => string | undefined {
  return (result) => {
    if (result.points >= result.maxPoints) return `scores full (${result.points}), must be caught`
    const missed = (nearMiss.caughtBy ?? []).filter((id) => result.checks.find((check) => check.id === id)?.verdict !== 'fail')
    if (missed.length > 0) return `not caught by ${named(result.checks, (check) => missed.includes(check.id))}`
    return undefined
  }
}

/**
 * How a fault differs: each check must end exactly as declared in this network, and say the declared first broken hop. What the network does not offer
 * is not judged: that is decided by what the CNI can do before anything is looked at, and no fault changes it.
 */
export function faultDeviation(fault: FaultMaterial, network: FaultNetwork): (result: LabResult) => string | undefined {
  return (result) => {
    const wrong = result.checks.filter((check) => check.verdict !== 'not-offered' && declaredVerdict(fault, check.id, network) !== check.verdict)
      .map((check) => `${check.id} is ${check.verdict} (${check.why}), declared ${declaredVerdict(fault, check.id, network) ?? 'nothing'}`)
    return [...wrong, ...hopDeviations(declaredHop(fault, network), result)].join('; ') || undefined
  }
}

/** Nodes have another name in every cluster, and in a lab's files one by position. Longest first: `…-worker2` begins with `…-worker`. */
function withPositions(text: string, { cluster: { nodes } }: LabResult): string {
  const workers = nodes.filter((node) => node.role === 'worker')
  const positions = nodes.map((node) => [node.name, node.role === 'worker' ? `worker-${workers.indexOf(node) + 1}` : 'control-plane'] as const)
  return positions.toSorted(([a], [b]) => b.length - a.length).reduce((so, [name, position]) => so.replaceAll(name, position), text)
}

/** Texts are meant for every red check that names a hop, and one must; a map names its checks. Nothing declared, nothing compared. */
function hopDeviations(declared: FaultMaterial['firstBrokenHop'], result: LabResult): string[] {
  if (declared === undefined) return []
  const texts = typeof declared === 'string' ? [declared] : Array.isArray(declared) ? declared : undefined
  const telling = result.checks.filter((check) => check.verdict === 'fail' && check.firstBrokenHop !== undefined)
  if (texts && telling.length === 0) return [`no red check names a first broken hop, declared ${quoted(texts)}`]
  const wanted = texts ? telling.map((check) => [check.id, texts] as const) : Object.entries(declared as Record<string, string>).map(([id, hop]) => [id, [hop]] as const)
  return wanted.flatMap(([id, hops]) => {
    const hopSaid = result.checks.find((check) => check.id === id)?.firstBrokenHop
    const said = hopSaid === undefined ? undefined : withPositions(hopSaid, result)
    return said !== undefined && hops.some((hop) => isAt(said, hop)) ? [] : [`${id} names ${said === undefined ? 'no first broken hop' : `"${said}" as the first broken hop`}, declared ${quoted(hops)}`]
  })
}

/** `Service a/b` is meant with any of its ports. */
const isAt = (said: string, declared: string): boolean => said === declared || (said.startsWith(`${declared}:`) && /^\d+$/u.test(said.slice(declared.length + 1)))

const quoted = (texts: readonly string[]): string => texts.map((text) => `"${text}"`).join(' or ')

/** Checks whose verdict was not the same each time a phase was run. A deviation for each, by phase name. */
export function repeatDeviations(phases: readonly PhaseResult[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, runs] of Map.groupBy(phases, (phase) => phase.name)) {
    const verdicts = Map.groupBy(runs.flatMap((run) => run.checks), (check) => check.id)
    const differing = [...verdicts].filter(([, checks]) => new Set(checks.map((check) => check.verdict)).size > 1)
      .map(([id, checks]) => `${id} was ${checks.map((check) => check.verdict).join(', ')} in turn`)
    if (differing.length > 0) found.set(name, `verdicts differ between repeats: ${differing.join('; ')}`)
  }
  return found
}

function named(checks: readonly CheckResult[], which: (check: CheckResult) => boolean): string {
  return checks.filter(which).map((check) => `${check.id} ${check.verdict} (${check.why})`).join('; ') || 'no check'
}

function because(checks: readonly CheckResult[], verdict: CheckResult['verdict']): string {
  const which = checks.filter((check) => check.verdict === verdict)
  return which.length === 0 ? '' : `: ${named(which, () => true)}`
}
