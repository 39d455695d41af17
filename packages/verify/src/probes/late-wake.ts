import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import type { Look } from '../kinds/look.ts'
import type { Round } from '../round.ts'
import { controlPod, controlPort } from './control.ts'

/** The longest that a node let its control Pod wait for a processor, in milliseconds. */
export interface LateWake { node: string; ms: number }

/**
 * From how many milliseconds on a wait explains silence: half of the time that an answer is waited for. With one lab on two processors the longest of
 * 8,000 waits was 170 ms (measured here).
 */
export const breathlessMs = 1_000

/** Longest that a control Pod is waited for, in milliseconds: what it is asked for is why it may be slow. */
const patienceMs = 10_000

/**
 * The node whose control Pod waited longest for a processor within the last `withinMs` milliseconds, by that Pod's own clock. The Pod is asked by
 * itself, so no packet of the lab has a part in it. Undefined when no control Pod tells.
 */
export async function latestWake(round: Round, withinMs: number): Promise<LateWake | undefined> {
  const ended = await Promise.allSettled(round.view.nodes.map(({ name }) => wakeOn(round, name, withinMs)))
  const told = ended.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []))
  return told.toSorted((a, b) => b.ms - a.ms)[0]
}

async function wakeOn(round: Round, node: string, withinMs: number): Promise<LateWake | undefined> {
  const pod = controlPod(round, node)
  const { connections: [connection] } = await round.batcher.ask(node, {
    kind: 'http', from: { podUid: pod.metadata.uid ?? '' }, target: `${pod.status?.podIP}:${controlPort}`, path: `/?late=${Math.ceil(withinMs)}`, count: 1, parallel: 1, timeoutMs: patienceMs,
  }, { silenceIsRight: true })
  const ms = connection?.server?.nonce === connection?.nonce ? connection?.server?.lateMs : undefined
  return ms === undefined ? undefined : { node, ms }
}

/** The red look as one that says nothing: what it waited for may only have been late. */
export function breathless(look: Look, { node, ms }: LateWake): Look {
  const waited = `${(ms / 1_000).toFixed(1)} s`
  const evidence: Evidence = { witness: 'control', observed: `${node}: its control Pod waited ${waited} for a processor meanwhile`, expected: `less than ${breathlessMs / 1_000} s` }
  return { ...look, state: 'broken', busy: true, why: plainLine(`The machine was out of breath: on ${node} a Pod waited ${waited} for a processor, so what came too late says nothing of the lab. Check again when less runs beside it. Seen was: ${look.why}`, 500), evidence: [evidence, ...look.evidence] }
}
