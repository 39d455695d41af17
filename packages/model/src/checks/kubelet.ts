import { z } from 'zod'
import { podRef } from '../target.ts'
import { checkFields } from './fields.ts'

const port = z.int().min(1).max(65_535)

/**
 * The agents of a node and the Pods on it reach each other: the kubelet's own probe of each Pod succeeds over the network, a request from the node
 * to the Pod arrives from one of the node's own addresses, and the Pod reaches its node. Other nodes are not asked: to those, Pods may be translated.
 */
export const kubeletCheck = z.strictObject({
  kind: z.literal('kubelet'), ...checkFields,
  /** Each must have a readiness probe by httpGet or tcpSocket at its own address. */
  pods: podRef,
  /** Port that the node asks the Pods at, over HTTP. Left out: the readiness probe's. */
  port: port.optional(),
  /** TCP port of its own node that each Pod opens a connection to: the kubelet's. */
  nodePort: port.default(10_250),
})
