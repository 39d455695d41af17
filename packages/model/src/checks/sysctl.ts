import { z } from 'zod'
import { checkFields, onNodes } from './fields.ts'

const value = z.union([z.int(), z.string().min(1)])

/**
 * Kernel settings of nodes, read in each node's own network namespace. Without `values`: what this cluster's network needs to forward packets
 * of Pods.
 */
export const sysctlCheck = z.strictObject({
  kind: z.literal('sysctl'), ...checkFields, ...onNodes,
  /**
   * Name → accepted value, or list of accepted values, as in `net.ipv4.ip_forward: 1`. Only `net.` settings. Of
   * `net.ipv4.conf.DEVICE.rp_filter` the greater of the device's and of `all` counts, because the kernel uses that one.
   */
  values: z.record(z.string().regex(/^net[./](?!.*\.\.)[\w./-]+$/u, 'must be a setting under "net."'), z.union([value, z.array(value).min(1)])).optional(),
})
