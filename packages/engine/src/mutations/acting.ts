import type { RunningCluster } from '@hoplab/cluster'
import type { Deadline } from '@hoplab/core'

/** Where actions are carried out. */
export interface Acting {
  cluster: RunningCluster
  /** For messages. */
  where: string
  /** Whether this takes something back: then an object that is gone meanwhile is nothing to put back. */
  undoing: boolean
  deadline: Deadline
}
