import { z } from 'zod'
import { checkFields, onNodes } from './fields.ts'

/**
 * The cluster's CNI plugin, and no other, is at work on each node: its configuration is the one that counts, its agent is ready, its devices are
 * there, nothing of another plugin is left, and a Pod made during the check gets an address and answers.
 */
export const cniPluginCheck = z.strictObject({ kind: z.literal('cni-plugin'), ...checkFields, ...onNodes })
