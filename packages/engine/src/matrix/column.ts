import type { RunningCluster } from '@hoplab/cluster'
import { type Deadline, messageOf, phase, plainLine } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import { type CheckResult, type MatrixColumn, together } from '@hoplab/model'
import { removeLab, removeLabAfterwards, withEvidence } from '../endings.ts'
import { LabCluster } from '../lab-cluster.ts'
import { setUp } from '../set-up.ts'
import type { FullSpec } from '../spec.ts'
import { refuseIfUp } from '../story.ts'
import { viewOf } from '../view.ts'
import { answersTo, placed } from './answers.ts'
import { findingsOf } from './findings.ts'
import { chainsOf } from './policy-chains.ts'
import { type Question, questionsFor } from './questions.ts'
import { allowOne, denyAll } from './scene.ts'
import type { TraceOf } from './ways.ts'

/** Makes a cluster with one network, asks it every question and removes the cluster, however it ends. @throws HOP_LAB_ALREADY_UP and the provider's errors */
export async function askNetwork(spec: FullSpec, trace: TraceOf, deadline: Deadline): Promise<MatrixColumn> {
  await refuseIfUp({ spec }, deadline)
  await removeLeftover(spec, deadline)
  const at = new LabCluster(spec)
  let column: MatrixColumn
  try {
    column = await withEvidence(spec, () => at.known, () => asked(spec, at, { trace, deadline }))
  } catch (error) {
    await removedAfter(spec, at)
    throw error
  }
  await at[Symbol.asyncDispose]()
  await phase(spec.progress, 'down', () => removeLab(spec, deadline)).catch((error: unknown) => removedAfter(spec, at).then(() => { throw error }))
  return column
}

/** A killed command's cluster may have another network, or have been changed. */
async function removeLeftover(spec: FullSpec, deadline: Deadline): Promise<void> {
  const left = (await spec.provider.list(deadline)).some((one) => one.name === spec.name)
  if (left) await phase(spec.progress, 'remove', () => removeLab(spec, deadline))
}

async function removedAfter(spec: FullSpec, at: LabCluster): Promise<void> {
  await at[Symbol.asyncDispose]()
  if (at.touched) await removeLabAfterwards(spec).catch((thrown: unknown) => spec.progress({ type: 'note', text: `Not everything could be removed (${messageOf(thrown)}); run "hoplab clean".` }))
}

async function asked(spec: FullSpec, at: LabCluster, { trace, deadline }: { trace: TraceOf; deadline: Deadline }): Promise<MatrixColumn> {
  const [started, takenAt] = [deadline.clock.now(), deadline.clock.timestamp()]
  const { progress, lab, name, images, installer: { capabilities }, proxyMode } = spec
  const cluster = await at.ensure(deadline)
  await phase(progress, 'lab', () => setUp(cluster, lab, { name, images, deadline }))
  const questions = questionsFor(capabilities)
  const checks: CheckResult[] = []
  const ask = async (stage: Question['stage']): Promise<void> => { checks.push(...await phase(progress, `questions: ${stage}`, () => verified(spec, cluster, questions.filter((one) => one.stage === stage), deadline))) }
  await ask('open')
  const findings = await phase(progress, 'findings', () => findingsOf({ cluster, view: viewOf(cluster, spec), capabilities, trace }, deadline))
  const before = await chainsOf(cluster, deadline)
  // Where nobody enforces it, a policy shows nothing: those checks say so themselves.
  const put = async (policy: KubeObject): Promise<void> => { if (capabilities.networkPolicy) await cluster.kube.apply(policy, deadline) }
  await put(denyAll)
  await ask('denied')
  const policyChains = [...(await chainsOf(cluster, deadline)).difference(before)].map((chain) => plainLine(chain, 60)).sort()
  await put(allowOne)
  await ask('allowed')
  const answers = answersTo(questions, checks)
  return { cni: spec.installer.name, proxyMode, verdict: together(answers.map((one) => one.verdict)), kubernetes: cluster.facts().kubernetes, takenAt, answers, findings: { ...findings, policyChains }, checks, durationMs: deadline.clock.now() - started }
}

function verified(spec: FullSpec, cluster: RunningCluster, questions: readonly Question[], deadline: Deadline): Promise<CheckResult[]> {
  return spec.verifier.verify(placed(questions), viewOf(cluster, spec), { answers: {}, deadline, onResult: (result) => spec.emit({ type: 'check', result }) })
}
