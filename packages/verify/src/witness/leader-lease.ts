import type { KubeObject, KubeRef } from '@hoplab/kube'
import type { Round } from '../round.ts'

/** What a program of the control plane says of itself by its Lease. */
export interface LeaseReading { holder: string; revision: string; renewed: string }

/** Two readings of one Lease; `after` is a renewal by whoever holds it then, undefined where none came. */
export interface Renewal { component: string; before: LeaseReading | undefined; after: LeaseReading | undefined; last: LeaseReading | undefined }

/**
 * How long a Lease is waited for, in milliseconds. Who holds it renews it every 2 s; where its last holder died, another may take it 15 s after that
 * renewal and tries every 2.4 s at most (component-base, RecommendedDefaultLeaderElectionConfiguration; client-go, leaderelection.JitterFactor). The
 * Lease's own `leaseDurationSeconds` has no say: anybody may write it.
 */
const renewalMs = 20_000

const leaseOf = (component: string): KubeRef => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-system', name: component })

/**
 * Reads a Lease until it was renewed: by its resourceVersion, which every write changes, and by its renewTime, which other writes leave alone and which
 * is compared with itself alone, never with a clock. @param wait whether there is anybody who could renew it; else it is read once
 */
export async function renewalOf(round: Round, component: string, wait: boolean): Promise<Renewal> {
  const read = async (): Promise<LeaseReading | undefined> => reading(await round.view.kube.get(leaseOf(component), round.deadline))
  const before = await read()
  let last = before
  for (const end = round.deadline.clock.now() + (wait ? renewalMs : 0); round.deadline.clock.now() < end;) {
    await round.deadline.sleep(250)
    last = await read()
    if (last && last.holder !== '' && last.revision !== before?.revision && last.renewed !== before?.renewed) return { component, before, after: last, last }
  }
  return { component, before, after: undefined, last }
}

function reading(lease: KubeObject | undefined): LeaseReading | undefined {
  if (!lease) return undefined
  const { holderIdentity = '', renewTime = '' } = (lease.spec ?? {}) as { holderIdentity?: string; renewTime?: string }
  return { holder: String(holderIdentity), revision: lease.metadata.resourceVersion ?? '', renewed: String(renewTime) }
}

/** Node of a holder: programs call themselves by their host's name, an underscore and a number of their own. */
export const nodeOfHolder = (holder: string): string => holder.replace(/_[^_]*$/u, '')
