import type { Deadline } from '@hoplab/core'
import type { ClusterProvider } from '../../port.ts'
import { diagnose, type DiagnoseOptions, type Finding } from '../../preflight/diagnose.ts'
import { adopt } from './adopt.ts'
import { ensure } from './ensure.ts'
import { clean, list } from './leftovers.ts'

/** A provider that can also tell what keeps it from working. */
export interface KindProvider extends ClusterProvider {
  /** Everything on this machine that would keep a lab from coming up, each with the command that cures it. */
  diagnose(deadline: Deadline, options?: DiagnoseOptions): Promise<Finding[]>
}

/** Clusters made by kind's binary in the container engine that the `docker` client of this machine talks to. */
export function kindProvider(): KindProvider {
  return { name: 'kind', probe, ensure, adopt, list, clean, diagnose }
}

async function probe(deadline: Deadline): ReturnType<ClusterProvider['probe']> {
  const reasons = (await diagnose(deadline)).filter((finding) => !finding.ok).map(({ what, fix }) => ({ what, fix }))
  return reasons.length === 0 ? { ready: true } : { ready: false, reasons }
}
