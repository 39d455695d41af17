import { z } from 'zod'
import { checkFields, onNodes } from './fields.ts'

/** kube-proxy of each node is in the cluster's mode, healthy and in step: a Service made during the check works there, and nothing is pending. */
export const kubeProxyCheck = z.strictObject({ kind: z.literal('kube-proxy'), ...checkFields, ...onNodes })
