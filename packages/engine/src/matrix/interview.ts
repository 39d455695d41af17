import type { RunningCluster } from '@hoplab/cluster'
import { type Deadline, phase, plainLine } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import type { CheckResult, MatrixFindings } from '@hoplab/model'
import type { LabCluster } from '../lab-cluster.ts'
import { setUp } from '../set-up.ts'
import type { FullSpec } from '../spec.ts'
import { viewOf } from '../view.ts'
import { placed } from './answers.ts'
import { findingsOf } from './findings.ts'
import { chainsOf } from './policy-chains.ts'
import { type Question, questionsFor } from './questions.ts'
import { allowOne, denyAll } from './scene.ts'
import type { TraceOf } from './ways.ts'

/** What is known of a network so far; it counts also when our environment fails later. */
export interface Heard { checks: CheckResult[]; findings?: MatrixFindings; kubernetes?: string }

/** What asking takes besides the lab. */
export interface Asking { trace: TraceOf; heard: Heard; deadline: Deadline }

/** Makes the cluster and asks it every question. How the network does it is looked at last: where it is broken, answers must not be lost with that. */
export async function interview(spec: FullSpec, at: LabCluster, { trace, heard, deadline }: Asking): Promise<void> {
  const { progress, lab, name, images, installer: { capabilities } } = spec
  const cluster = await at.ensure(deadline)
  heard.kubernetes = cluster.facts().kubernetes
  await phase(progress, 'lab', () => setUp(cluster, lab, { name, images, deadline }))
  const ask = async (stage: Question['stage']): Promise<void> => { heard.checks.push(...await phase(progress, `questions: ${stage}`, () => verified(spec, cluster, stage, deadline))) }
  // Where nobody enforces it, a policy shows nothing: those checks say so themselves.
  const put = async (policy: KubeObject): Promise<void> => { if (capabilities.networkPolicy) await cluster.kube.apply(policy, deadline) }
  await ask('open')
  const before = await chainsOf(cluster, deadline)
  await put(denyAll)
  await ask('denied')
  const policyChains = [...(await chainsOf(cluster, deadline)).difference(before)].map((chain) => plainLine(chain, 60)).sort()
  await put(allowOne)
  await ask('allowed')
  const findings = await phase(progress, 'findings', () => findingsOf({ cluster, view: viewOf(cluster, spec), capabilities, trace }, deadline))
  heard.findings = { ...findings, policyChains }
}

function verified(spec: FullSpec, cluster: RunningCluster, stage: Question['stage'], deadline: Deadline): Promise<CheckResult[]> {
  const questions = questionsFor(spec.installer.capabilities).filter((one) => one.stage === stage)
  return spec.verifier.verify(placed(questions), viewOf(cluster, spec), { answers: {}, deadline, onResult: (result) => spec.emit({ type: 'check', result }) })
}
