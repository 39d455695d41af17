import { z } from 'zod'
import { slug } from '../text.ts'
import { checkFields } from './fields.ts'

const path = z.string().regex(/^\/[\w./-]*$/u, 'must begin with a slash, and is letters, digits, ".", "-", "_" and "/" from there')

/** `ingress`: which Service's Pods answer the internet through the Ingress controller, by host and path. */
export const ingressCheck = z.strictObject({
  kind: z.literal('ingress'), ...checkFields,
  /** Host that is asked for. */
  host: z.string().regex(/^[a-z\d](?:[a-z\d.-]*[a-z\d])?$/u, 'must be a host name in small letters'),
  /** Each is asked at every Pod of the controller. */
  paths: z.array(z.strictObject({
    path,
    /** Service of the lab whose endpoints must answer; left out: nobody may, and the controller itself says 404. */
    service: slug.optional(),
    port: z.int().min(1).max(65_535).default(80),
  })).min(1).max(6),
  /** Secret of the lab with whose certificate the controller must take TLS; left out: it is asked in plain HTTP. */
  certificate: slug.optional(),
})
