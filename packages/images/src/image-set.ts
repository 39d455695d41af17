import { type Versions, versions } from './versions.ts'

/** Where images come from: `upstream` registries, or `local`ly built without any. */
export type ImageSource = 'upstream' | 'local'

/** The images of one cluster, by the names under which engine and Pods use them. */
export interface ImageSet {
  source: ImageSource
  /** For `kind create cluster --image`. */
  node: string
  /** Version of Kubernetes inside `node`, with a leading v. */
  kubernetes: string
  /** Runs beside each node; the probe and the network tools. */
  toolbox: string
  /** Stands between a lab's network and the outside. The same image as `toolbox`. */
  gateway: string
  /** Workload, idle client and control Pod. */
  echo: string
  flannel: string
  flannelCniPlugin: string
}

/** Names of a source's images; pure, asks nobody. */
export function imageSet(source: ImageSource, listed: Versions = versions): ImageSet {
  const { ours, upstream, local } = listed
  const toolbox = `hoplab/toolbox:${ours.toolbox}`
  const shared = { source, toolbox, gateway: toolbox, echo: `hoplab/echo:${ours.echo}` }
  if (source === 'upstream') {
    return {
      ...shared, node: upstream.node.image, kubernetes: upstream.node.kubernetes,
      flannel: upstream.flannel.image, flannelCniPlugin: upstream.flannelCniPlugin.image,
    }
  }
  return {
    ...shared, node: `hoplab/node:${local.kubernetes.version}`, kubernetes: local.kubernetes.version,
    flannel: withTag(upstream.flannel.image, local.flannel.version),
    flannelCniPlugin: withTag(upstream.flannelCniPlugin.image, local.flannelCniPlugin.version),
  }
}

/** Images that must be loaded into each node after it started. None with `local`: they are inside the node image. */
export function imagesToLoad(source: ImageSource, listed: Versions = versions): string[] {
  const set = imageSet(source, listed)
  return source === 'local' ? [] : [set.echo, set.flannel, set.flannelCniPlugin]
}

const withTag = (image: string, tag: string): string => `${image.slice(0, image.lastIndexOf(':'))}:${tag}`
