import { type CniImage, cniImages } from './cni-images.ts'
import { type Versions, versions } from './versions.ts'

/** Where images come from: `upstream` registries, or `local`ly built without any. */
export type ImageSource = 'upstream' | 'local'

/** The images of one cluster, by the names under which engine and Pods use them; of CNI images those that its CNI needs. */
export interface ImageSet extends Partial<Record<CniImage, string>> {
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
}

/** Names of a source's images for a cluster whose CNI needs `cni`; pure, asks nobody. */
export function imageSet(source: ImageSource, cni: readonly CniImage[] = [], listed: Versions = versions): ImageSet {
  const { ours, upstream, local } = listed
  const toolbox = `hoplab/toolbox:${ours.toolbox}`
  const nodeImage = source === 'upstream' ? { node: upstream.node.image, kubernetes: upstream.node.kubernetes }
    : { node: `hoplab/node:${local.kubernetes.version}`, kubernetes: local.kubernetes.version }
  return {
    source, toolbox, gateway: toolbox, echo: `hoplab/echo:${ours.echo}`, ...nodeImage,
    ...Object.fromEntries(cni.map((key) => [key, cniImageName(source, key, listed)])),
  }
}

/** Name of one CNI image: the same in every source, with the tag of the version that the source has. */
export function cniImageName(source: ImageSource, key: CniImage, listed: Versions = versions): string {
  const { image } = cniImages[key].upstream(listed)
  return source === 'upstream' ? image : `${image.slice(0, image.lastIndexOf(':'))}:${cniImages[key].localTag(listed)}`
}

/** Images of Pods that the node image lacks, so that they must be put into each node of a cluster whose CNI needs `cni`. */
export function imagesToLoad(source: ImageSource, cni: readonly CniImage[], listed: Versions = versions): string[] {
  const named = (keys: readonly CniImage[]): string[] => keys.map((key) => cniImageName(source, key, listed))
  const ofPods = cni.filter((key) => cniImages[key].place !== 'engine')
  return source === 'upstream' ? [imageSet(source, [], listed).echo, ...named(ofPods)] : named(ofPods.filter((key) => cniImages[key].place === 'loaded'))
}
