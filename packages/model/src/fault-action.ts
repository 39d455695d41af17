import { z } from 'zod'
import { objectRef } from './target.ts'

/** An object of the Kubernetes API as JSON. */
const object = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }) })
const inNamespace = { namespace: z.string(), name: z.string() }

/**
 * One change that a fault makes or takes back, complete in itself: another process, or a later one, can carry it out from its JSON alone.
 * Each may be repeated without harm, because whoever was interrupted does it again.
 */
export const faultAction = z.discriminatedUnion('act', [
  /** JSON merge patch (RFC 7396). */
  z.strictObject({ act: z.literal('patch'), ref: objectRef, value: z.json() }),
  z.strictObject({ act: z.literal('create'), object }),
  /** Deletes and waits until it is gone. */
  z.strictObject({ act: z.literal('remove'), ref: objectRef }),
  /** Deletes whatever has this name, then makes it so. */
  z.strictObject({ act: z.literal('recreate'), object }),
  z.strictObject({ act: z.literal('exec'), ...inNamespace, argv: z.array(z.string()).min(1) }),
  /** A shell script in the node's network and process namespaces; the node's files lie under /proc/1/root. */
  z.strictObject({ act: z.literal('node'), node: z.string(), script: z.string() }),
  /** Deletes the Pods with this label, for their controller to make again, and waits until as many new ones are ready. */
  z.strictObject({ act: z.literal('restart-pods'), namespace: z.string(), label: z.string() }),
  /** Makes Pods anew that have an address of this range: their controller does, or we where there is none. */
  z.strictObject({ act: z.literal('replace-pods'), range: z.string() }),
  z.strictObject({ act: z.literal('wait'), until: z.discriminatedUnion('state', [
    z.strictObject({ state: z.literal('rolled-out'), kind: z.enum(['Deployment', 'DaemonSet']), ...inNamespace }),
    z.strictObject({ state: z.literal('no-pods'), namespace: z.string(), label: z.string(), node: z.string().optional() }),
    z.strictObject({ state: z.literal('service-account'), namespace: z.string() }),
    z.strictObject({ state: z.literal('pod'), ...inNamespace, is: z.enum(['ready', 'unready', 'running']) }),
    z.strictObject({ state: z.literal('node'), name: z.string(), is: z.enum(['ready', 'unready']) }),
  ]) }),
])
/** See {@link faultAction}. */
export type FaultAction = z.infer<typeof faultAction>
