import { z } from 'zod'
import { checkFields } from './fields.ts'

/**
 * Programs of the control plane that no other check asks: each leads by its Lease, which it renews while the check looks, and its process runs on the
 * node that holds the Lease. What they do for one Pod or Service, `distribution` and `endpoints` tell.
 */
export const controlPlaneCheck = z.strictObject({
  kind: z.literal('control-plane'), ...checkFields,
  /** Which of them. */
  components: z.array(z.enum(['kube-scheduler', 'kube-controller-manager'])).min(1).default(['kube-scheduler', 'kube-controller-manager']),
})
