import { z } from 'zod'
import { podRef, probeOrigin } from '../target.ts'
import { slug } from '../text.ts'
import { checkFields } from './fields.ts'

const serviceRef = { service: slug, namespace: slug.optional() }

/** What DNS must say. The truth is always read from the running cluster. */
const dnsExpectation = z.union([
  /** A records: exactly the Service's ClusterIP. */
  z.strictObject({ clusterIpOf: z.strictObject(serviceRef) }),
  /** A records: exactly the addresses of the Ready Pods. */
  z.strictObject({ podIpsOf: podRef }),
  /** SRV records of a named port: of a Service with ClusterIP its own name and port, of a headless one those of each ready endpoint. */
  z.strictObject({ srvOf: z.strictObject({ ...serviceRef, port: slug }) }),
  /** PTR records of the Service's ClusterIP, or of each Pod's address. */
  z.strictObject({ ptrOf: z.union([z.strictObject(serviceRef), z.strictObject({ pod: podRef })]) }),
  /** CNAME record of a Service of type ExternalName. */
  z.strictObject({ cnameOf: z.strictObject(serviceRef) }),
  /** The name does not exist. */
  z.strictObject({ nxdomain: z.literal(true) }),
])

/** DNS says of a name exactly what the API says, and denies a name that nobody has. */
export const dnsCheck = z.strictObject({
  kind: z.literal('dns'), ...checkFields, from: probeOrigin,
  /** The name as typed; without a dot at its end the place's search list is used. Without it the full name follows from `expect`; `podIpsOf` needs it, `ptrOf` has none. */
  name: z.string().min(1).optional(),
  expect: dnsExpectation,
  /** Without it UDP, and TCP when the answer does not fit. With it every answer must come whole over this one, or over each of both. */
  transport: z.enum(['udp', 'tcp', 'both']).optional(),
  /** Without it the place's own name server. `service` = the address of the DNS Service; `each` = that and every ready DNS Pod itself. */
  servers: z.enum(['service', 'each']).optional(),
})
  .refine(({ name, expect }) => !('podIpsOf' in expect) || name !== undefined, { path: ['name'], message: 'podIpsOf needs a name to ask for' })
  .refine(({ name, expect }) => !('ptrOf' in expect) || name === undefined, { path: ['name'], message: 'ptrOf asks for an address, not for a name' })
