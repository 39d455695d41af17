import { z } from 'zod'
import { affinityCheck } from './checks/affinity.ts'
import { distributionFields, reachFields, sourceFields } from './checks/core.ts'
import { dnsCheck } from './checks/dns.ts'
import { egressCheck } from './checks/egress.ts'
import { endpointsCheck } from './checks/endpoints.ts'
import { checkFields, probed } from './checks/fields.ts'
import { flowCheck } from './checks/flow.ts'
import { ingressCheck } from './checks/ingress.ts'
import { hairpinCheck } from './checks/hairpin.ts'
import { negativeCheck } from './checks/negative.ts'
import { refusedCheck } from './checks/refused.ts'
import { rulesCheck } from './checks/rules.ts'
import { routeCheck } from './checks/route.ts'
import { namespaceCheck } from './checks/namespace.ts'
import { localhostCheck } from './checks/localhost.ts'
import { volumeCheck } from './checks/volume.ts'
import { addressesCheck } from './checks/addresses.ts'
import { kubeProxyCheck } from './checks/kube-proxy.ts'
import { cniPluginCheck } from './checks/cni-plugin.ts'
import { sysctlCheck } from './checks/sysctl.ts'
import { transferCheck } from './checks/transfer.ts'
import { meshCheck } from './checks/mesh.ts'
import { mtuCheck } from './checks/mtu.ts'
import { objectRef } from './target.ts'
import { kubeletCheck } from './checks/kubelet.ts'
import { captureCheck } from './checks/capture.ts'
import { slug } from './text.ts'

/** One statement about one field of an object; path as in `spec.ports[0].port`. */
export const fieldExpectation = z.strictObject({
  path: z.string().min(1),
  equals: z.json().optional(),
  /** For lists and maps. */
  length: z.int().min(0).optional(),
  exists: z.boolean().optional(),
})
/** See {@link fieldExpectation}. */
export type FieldExpectation = z.infer<typeof fieldExpectation>

/** The truth an answer is compared with; always read from the running cluster when the check runs. */
export const answerTruth = z.union([
  /** Name of any Pod that answered requests of `from` to `to`. */
  z.strictObject({ answeredBy: z.strictObject(probed) }),
  /** Address from which the server says it was asked. */
  z.strictObject({ sourceSeen: z.strictObject(probed) }),
  /** A field of an object. */
  z.strictObject({ object: objectRef, path: z.string() }),
  z.strictObject({ equals: z.string() }),
])
/** See {@link answerTruth}. */
export type AnswerTruth = z.infer<typeof answerTruth>

/** Every kind of check a lab author can write. */
export const checkSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('object'), ...checkFields, object: objectRef, expect: z.array(fieldExpectation).min(1) }),
  z.strictObject({ ...checkFields, ...reachFields }),
  z.strictObject({ kind: z.literal('blocked'), ...checkFields, ...probed,
    /** The twin that must pass at the same time, or "blocked" proves nothing. */
    control: z.strictObject(probed) }),
  z.strictObject({ ...checkFields, ...sourceFields }),
  dnsCheck,
  z.strictObject({ ...checkFields, ...distributionFields }),
  z.strictObject({ kind: z.literal('answer'), ...checkFields, key: slug, truth: answerTruth }),
  affinityCheck,
  egressCheck,
  endpointsCheck,
  hairpinCheck,
  ingressCheck,
  negativeCheck,
  refusedCheck,
  rulesCheck,
  routeCheck,
  namespaceCheck,
  localhostCheck,
  volumeCheck,
  addressesCheck,
  kubeProxyCheck,
  cniPluginCheck,
  sysctlCheck,
  transferCheck,
  mtuCheck,
  flowCheck,
  meshCheck,
  captureCheck,
  kubeletCheck,
])
/** See {@link checkSpec}. */
export type CheckSpec = z.infer<typeof checkSpec>

/** One kind's shape. */
export type CheckOf<K extends CheckSpec['kind']> = Extract<CheckSpec, { kind: K }>
