import { type Deadline, type HopError, isAbort, type Progress } from '@hoplab/core'
import type { KubeClient } from '@hoplab/kube'
import { HOP_CLUSTER_NOT_READY } from '../../errors.ts'
import type { NetworkInstaller } from '../../port.ts'

/** A cluster that did not become ready, and what its health said last. */
export interface Unready { name: string; network: NetworkInstaller; kube: KubeClient; reasons: string[] }

/**
 * The error to throw: the network's own fault where it knows one, because its fix mends more than to try again; others that it knows are told as notes.
 * Else what was missing, as it was said.
 */
export async function whyNotReady({ name, network, kube, reasons }: Unready, deadline: Deadline, progress: Progress): Promise<HopError> {
  const [first, ...others] = await knownFaults(network, kube, deadline)
  for (const { facts } of others) progress({ type: 'note', text: `${facts.code}: ${facts.what} ${facts.why}` })
  return first ?? HOP_CLUSTER_NOT_READY({ name, reasons })
}

/** None where the API does not answer: then that is among the reasons. */
async function knownFaults(network: NetworkInstaller, kube: KubeClient, deadline: Deadline): Promise<HopError[]> {
  try {
    return await network.faults?.({ kube }, deadline) ?? []
  } catch (error) {
    if (isAbort(error)) throw error
    return []
  }
}
