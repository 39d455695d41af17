import { plainLine } from '@hoplab/core'
import type { AnswerTruth, CheckOf, Evidence } from '@hoplab/model'
import { controlEvidence } from '../probes/control.ts'
import type { Round } from '../round.ts'
import { destinationOf } from '../scene/destination.ts'
import { fieldAt } from '../scene/field.ts'
import { originsOf } from '../scene/origin.ts'
import { podsOf } from '../scene/pods.ts'
import { requestsToSeeAll } from '../statistics/coverage.ts'
import { falseAlarm } from '../statistics/evenness.ts'
import { normalIp } from '../witness/address.ts'
import { type Exchange, exchange } from '../witness/exchange.ts'
import { requireAnswered } from '../witness/explain.ts'
import { sourcesSeen } from '../witness/source.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/** `answer`: what the learner said is what the cluster shows now. A wrong answer's evidence never tells the right one. */
export const answer: CheckKind<'answer'> = {
  origins: ({ truth }) => ('answeredBy' in truth ? [truth.answeredBy.from] : 'sourceSeen' in truth ? [truth.sourceSeen.from] : []),
  async look(spec, round) {
    const given = await givenAnswer(spec, round)
    if (given === undefined || given.trim() === '') {
      throw new NotMet(`No answer to "${spec.key}" has been given yet.`, [{ witness: 'learner', command: `hoplab answer STEP ${spec.key}=VALUE`, observed: 'nothing', expected: 'an answer' }])
    }
    const { accepted, nodes, witness, how, controls = [] } = await truthOf(spec.truth, round)
    const seen: Evidence = { witness: 'learner', observed: plainLine(given, 200), expected: how }
    if (!accepted.some((truth) => sameAnswer(truth, given))) throw new NotMet(`The answer to "${spec.key}" is not ${how}.`, [seen])
    return { state: 'green', nodes, evidence: [seen, { witness, observed: plainLine(accepted.join(', '), 300), expected: plainLine(given, 200) }, ...controls], why: `The answer to "${spec.key}" is ${how}.` }
  },
}

/** Answers as people write them: surrounding space and case do not matter, addresses compare by value. */
export function sameAnswer(truth: string, given: string): boolean {
  const plain = (text: string): string => normalIp(text) ?? text.trim().toLowerCase()
  return plain(truth) === plain(given)
}

async function givenAnswer({ key }: CheckOf<'answer'>, round: Round): Promise<string | undefined> {
  const given = Object.hasOwn(round.answers, key) ? round.answers[key] : undefined
  if (given === undefined || typeof given === 'string') return given
  const source = 'pod' in given ? podsOf(round.snapshot, given.pod, round.defaultNamespace)[0]
    : await round.view.kube.get({ ...given.object, namespace: given.object.namespace ?? round.defaultNamespace }, round.deadline)
  return asText(fieldAt(source, given.field))
}

interface Truth { accepted: string[]; nodes: string[]; witness: string; how: string; controls?: Evidence[] }

async function truthOf(truth: AnswerTruth, round: Round): Promise<Truth> {
  if ('equals' in truth) return { accepted: [truth.equals], nodes: [], witness: 'lab', how: 'right' }
  if ('object' in truth) {
    const { apiVersion, kind, name, namespace = round.defaultNamespace } = truth.object
    const value = asText(fieldAt(await round.view.kube.get({ apiVersion, kind, name, namespace }, round.deadline), truth.path))
    if (value === undefined) throw new NotMet(`${kind} ${name} has nothing to compare the answer with: the object or its field is missing.`)
    return { accepted: [value], nodes: [], witness: 'api', how: `what ${kind} ${name} says` }
  }
  const asked = 'answeredBy' in truth ? truth.answeredBy : truth.sourceSeen
  const [origin] = originsOf(round, asked.from)
  const destination = await destinationOf(round, asked.to)
  if (!origin) throw new NotMet('There is nowhere to ask from.')
  const done = await exchange(round, origin, destination, requestsToSeeAll(Math.max(2, destination.endpoints.length), falseAlarm))
  requireJudgeable(done)
  const asking = { nodes: [origin.node], witness: 'server', controls: controlEvidence(done.paths) }
  if ('answeredBy' in truth) return { accepted: answeredBy(done), ...asking, how: `the name of a Pod that answers ${origin.name}` }
  return { accepted: await addressesSeen(round, done), ...asking, how: `the address ${destination.label} is asked from` }
}

/** Like `requireAnswered`, but says nothing that would give the answer away. */
function requireJudgeable(done: Exchange): void {
  try {
    requireAnswered(done)
  } catch (thrown) {
    if (!(thrown instanceof NotMet)) throw thrown
    throw new NotMet(`The answer cannot be judged while requests from ${done.origin.name} to ${done.destination.label} are not all answered.`, controlEvidence(done.paths), thrown.firstBrokenHop, thrown.staleForMs)
  }
}

function answeredBy(done: Exchange): string[] {
  const names = [...new Set(done.answers.flatMap(({ pod }) => pod?.metadata.name ?? []))].sort()
  if (names.length === 0) throw new NotMet(`${done.destination.label} is answered, but by no Pod of this cluster.`)
  return names
}

async function addressesSeen(round: Round, done: Exchange): Promise<string[]> {
  const seen = (await sourcesSeen(round, done)).flatMap(({ byServer, byKernel }) => {
    if (byServer && byKernel && byServer !== byKernel.address) throw new NotMet('Server and kernel disagree about the address the request came from.')
    return byServer ?? byKernel?.address ?? []
  })
  if (seen.length === 0) throw new NotMet('Nobody who can be believed saw where the request came from.')
  return [...new Set(seen)].sort()
}

const asText = (value: unknown): string | undefined => (value === undefined || value === null ? undefined : typeof value === 'string' ? value : JSON.stringify(value))
