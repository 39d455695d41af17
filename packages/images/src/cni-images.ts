import type { Published, Versions } from './versions.ts'

/** What is known of an image that only clusters with one CNI need. */
interface CniImageFacts {
  /** Step of the local build that makes it. */
  step: string
  /** Whether the home-built node image holds it, because every second cluster needs it and nothing starts faster. */
  inNode: boolean
  /** What a registry has. */
  upstream(versions: Versions): Published
  /** Tag of the home-built one: the true version of what is inside. */
  localTag(versions: Versions): string
}

/** Images that only clusters with a certain CNI need, by the keys under which image sets and results name them. */
export const cniImages = {
  flannel: { step: 'flannel', inNode: true, upstream: (v) => v.upstream.flannel, localTag: (v) => v.local.flannel.version },
  flannelCniPlugin: { step: 'flannel-cni-plugin', inNode: true, upstream: (v) => v.upstream.flannelCniPlugin, localTag: (v) => v.local.flannelCniPlugin.version },
} as const satisfies Record<string, CniImageFacts>

/** See {@link cniImages}. */
export type CniImage = keyof typeof cniImages

/** Every key there is. */
export const everyCniImage = Object.keys(cniImages) as CniImage[]
