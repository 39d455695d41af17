import type { RunningCluster } from '@hoplab/cluster'
import { type Deadline, messageOf, phase } from '@hoplab/core'
import { isForNetwork } from '@hoplab/model'
import { HOP_FAULT_IN, HOP_FAULT_NOT_IN, HOP_FAULT_NOT_OFFERED } from './errors.ts'
import type { Learner } from './learner.ts'
import type { FaultMaterial } from './material.ts'
import { act } from './mutations/act.ts'
import type { FaultScene } from './mutations/mutation.ts'
import { planOf } from './mutations/registry.ts'
import { settle } from './roll-outs.ts'
import { type FullSpec, networkOf } from './spec.ts'
import { carryOut } from './verbs.ts'
import { viewOf } from './view.ts'

/** Bound of roll-outs after changes that say nothing of when they are done. Milliseconds. */
const settleWithinMs = 45_000

/** The lab a fault is put into. */
export interface FaultPlace { spec: FullSpec; cluster: RunningCluster; learner: Learner; deadline: Deadline }

/**
 * Puts a fault in. Each fault verb records what takes it back before it changes anything, so that an interruption at any moment can be undone.
 * @throws HOP_FAULT_IN, HOP_FAULT_NOT_OFFERED (exit 2), HOP_VERB_FAILED
 */
export async function putIn(fault: FaultMaterial, place: FaultPlace): Promise<void> {
  const { spec, learner } = place
  const where = `fault ${fault.name}`
  if (!fault.proxyModes.includes(spec.proxyMode)) throw HOP_FAULT_NOT_OFFERED({ where, lacks: `kube-proxy in ${fault.proxyModes.join(' or ')} mode` })
  if (!isForNetwork(fault, networkOf(spec))) throw HOP_FAULT_NOT_OFFERED({ where, lacks: `the CNI ${fault.cnis?.join(' or ')}` })
  if ((await learner.saved()).faults.includes(fault.name)) throw HOP_FAULT_IN({ name: fault.name })
  await phase(spec.progress, where, async () => {
    const [first, ...others] = fault.do
    // Nothing is changed when the first verb finds that it cannot be: then the fault is not in.
    const ready = first && 'fault' in first ? await planOf(first, sceneOf(where, place)) : undefined
    await learner.fault(fault.name, true)
    if (first) await carryOutOne(first, ready, where, fault.name, place)
    for (const verb of others) await carryOutOne(verb, undefined, where, fault.name, place)
    if (fault.do.some((verb) => !('fault' in verb))) await settled(place)
  })
}

/** Takes a fault back: what was recorded, latest first, then the verbs of its file. May be repeated after an interruption. @throws HOP_FAULT_NOT_IN */
export async function takeBack(fault: FaultMaterial, place: FaultPlace): Promise<void> {
  const { spec, cluster, learner, deadline } = place
  const where = `undo of fault ${fault.name}`
  const saved = await learner.saved()
  if (!saved.faults.includes(fault.name)) throw HOP_FAULT_NOT_IN({ name: fault.name })
  await phase(spec.progress, where, async () => {
    for (const actions of (saved.undo?.[fault.name] ?? []).toReversed()) await act(actions, { cluster, where, undoing: true, deadline })
    await carryOut(fault.undo, { cluster, lab: spec.lab.file, images: spec.images, where, deadline })
    await settled(place)
  })
  await learner.fault(fault.name, false)
}

/** Takes back whatever is recorded, as far as that goes: what stays shows in the comparison with the baseline. */
export async function takeAllBack(place: FaultPlace): Promise<void> {
  const { spec, cluster, learner, deadline } = place
  for (const [name, recorded] of Object.entries((await learner.saved()).undo ?? {})) {
    const where = `undo of fault ${name}`
    await phase(spec.progress, where, async () => {
      for (const actions of recorded.toReversed()) await act(actions, { cluster, where, undoing: true, deadline })
      await learner.fault(name, false)
    }).catch((error: unknown) => {
      deadline.throwIfOver()
      spec.progress({ type: 'note', text: messageOf(error) })
    })
  }
}

type DoVerb = FaultMaterial['do'][number]

async function carryOutOne(verb: DoVerb, ready: Awaited<ReturnType<typeof planOf>> | undefined, where: string, name: string, place: FaultPlace): Promise<void> {
  const { spec, cluster, learner, deadline } = place
  if (!('fault' in verb)) return carryOut([verb], { cluster, lab: spec.lab.file, images: spec.images, where, deadline })
  const plan = ready ?? await planOf(verb, sceneOf(where, place))
  await learner.recordUndo(name, plan.undo)
  await act(plan.do, { cluster, where, undoing: false, deadline })
}

function sceneOf(where: string, { spec, cluster, deadline }: FaultPlace): FaultScene {
  return { cluster, network: viewOf(cluster, spec).networkFacts, namespace: spec.lab.file.namespaces[0] ?? 'default', where, deadline }
}

async function settled({ spec, cluster, deadline }: FaultPlace): Promise<void> {
  await settle(cluster.kube, { deadline, namespaces: [...spec.lab.file.namespaces, spec.installer.capabilities.agent.namespace], withinMs: settleWithinMs })
}
