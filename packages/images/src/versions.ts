import { z } from 'zod'
import listed from '../versions.json' with { type: 'json' }

const published = z.strictObject({
  /** Name and tag as published. */
  image: z.string().regex(/^[\w./-]+:[\w.-]+$/u),
  /** Digest of the image (or of its list for several processors); pulled by it where given. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/u).optional(),
})
/** An image as `versions.json` names it. */
export type Published = z.infer<typeof published>
const goModule = z.strictObject({ module: z.string(), version: z.string().regex(/^v\d/u) })

/** Every version that a cluster of ours is made of, per source. `versions.json` is its only place. */
export const versionsSchema = z.strictObject({
  kind: z.strictObject({
    version: z.string().regex(/^v\d+\.\d+\.\d+$/u),
    /** SHA-256 of the release's binaries by platform. */
    sha256: z.record(z.string().regex(/^(?:linux|darwin)-(?:amd64|arm64)$/u), z.string().regex(/^[0-9a-f]{64}$/u)),
  }),
  ours: z.strictObject({ toolbox: z.string(), echo: z.string(), edge: z.string() }),
  upstream: z.strictObject({
    node: published.extend({ kubernetes: z.string().regex(/^v\d+\.\d+\.\d+$/u) }),
    flannel: published, flannelCniPlugin: published, calicoNode: published, calicoCni: published, debian: published, golang: published,
  }),
  local: z.strictObject({
    debian: z.string(),
    kubernetes: z.strictObject({ version: z.string(), staging: z.string(), etcdTag: z.string(), pauseTag: z.string() }),
    etcd: goModule, coredns: goModule, flannel: goModule, flannelCniPlugin: goModule,
    /** `tag`: its own version, as git describes it; the module's is one of Go's that says nothing. */
    calico: goModule.extend({ tag: z.string().regex(/^v\d[\w.-]+$/u) }),
    /** `tag`: as its own images were named. */
    weave: goModule.extend({ tag: z.string().regex(/^\d[\w.-]+$/u) }),
    awsVpc: goModule, haproxyIngress: goModule,
  }),
})

export type Versions = z.infer<typeof versionsSchema>

/** What `versions.json` says. */
export const versions: Versions = versionsSchema.parse(listed)
