import { type Published, type Versions, versions } from './versions.ts'

/** What is known of an image that only clusters with one CNI, or one add-on, need. */
interface CniImageFacts {
  /** Step of the local build that makes it. */
  step: string
  /**
   * Where it is when images are home-built. `node-image`: inside of it, for Flannel is every lab's default. `loaded`: put into the nodes of clusters
   * that use it, so that others do not carry it. `engine`: read on this machine, never in a node.
   */
  place: 'node-image' | 'loaded' | 'engine'
  /** Name and tag outside. For one of {@link ours} a registry of one's own may have it. */
  upstream(versions: Versions): Published
  /** Tag of the home-built one: the true version of what is inside. */
  localTag(versions: Versions): string
  /** Sources besides its Dockerfile from which it is made where nobody publishes it. */
  ours?: readonly string[]
  /** Folder of dockerfiles/ that makes, where nobody publishes it, what its own Dockerfile takes as `PARTS`. */
  parts?: string
  /** Whether its Dockerfile takes our compiled programs (`PROGRAMS`). */
  takesPrograms?: true
  /**
   * Built only where somebody names it (`hoplab images build --only STEP`), and to be had nowhere else but in a registry of one's own: what is published
   * under this name's true version does not fit.
   */
  onRequest?: true
}

/** Images that only clusters with a certain CNI or add-on need, by the keys under which image sets and results name them. */
const facts = {
  flannel: { step: 'flannel', place: 'node-image', upstream: (v) => v.upstream.flannel, localTag: (v) => v.local.flannel.version },
  flannelCniPlugin: { step: 'flannel-cni-plugin', place: 'node-image', upstream: (v) => v.upstream.flannelCniPlugin, localTag: (v) => v.local.flannelCniPlugin.version },
  calicoNode: { step: 'calico-node', place: 'loaded', upstream: (v) => v.upstream.calicoNode, localTag: (v) => v.local.calico.tag },
  calicoCni: { step: 'calico-cni', place: 'loaded', upstream: (v) => v.upstream.calicoCni, localTag: (v) => v.local.calico.tag },
  calicoCrds: {
    step: 'calico-crds', place: 'engine', ours: ['modules/calico'],
    upstream: (v) => ({ image: `hoplab/calico-crds:${v.local.calico.tag}` }), localTag: (v) => v.local.calico.tag,
  },
  edge: { step: 'edge', place: 'engine', ours: [], takesPrograms: true, upstream: (v) => ({ image: `hoplab/edge:${v.ours.edge}` }), localTag: (v) => v.ours.edge },
  haproxyIngress: {
    step: 'haproxy-ingress', place: 'loaded', ours: ['modules/haproxy-ingress'], parts: 'haproxy-ingress-parts',
    upstream: (v) => ({ image: `hoplab/haproxy-ingress:${v.local.haproxyIngress.version}` }), localTag: (v) => v.local.haproxyIngress.version,
  },
  weave: { step: 'weave', place: 'loaded', onRequest: true, upstream: (v) => ({ image: `hoplab/weave:${v.local.weave.tag}` }), localTag: (v) => v.local.weave.tag },
  awsVpc: {
    step: 'aws-vpc', place: 'loaded', onRequest: true,
    upstream: (v) => ({ image: `hoplab/aws-vpc:${v.local.awsVpc.version}` }), localTag: (v) => v.local.awsVpc.version,
  },
} as const satisfies Record<string, CniImageFacts>

/** See {@link cniImages}. */
export type CniImage = keyof typeof facts

/** See {@link CniImageFacts}. */
export const cniImages: Readonly<Record<CniImage, CniImageFacts>> = facts

/** Every key there is. */
export const everyCniImage = Object.keys(facts) as CniImage[]

/** Those that are built unasked. */
export const ordinaryCniImages = everyCniImage.filter((key) => !cniImages[key].onRequest)

/** Of these images, the names of those that are home-built only. */
export const unpublished = (keys: readonly CniImage[]): string[] => keys.filter((key) => cniImages[key].onRequest).map((key) => cniImages[key].upstream(versions).image)

/** What to type to have these images built, and those of every cluster. */
export function buildCommand(keys: readonly CniImage[]): string {
  const asked = keys.filter((key) => cniImages[key].onRequest).map((key) => cniImages[key].step)
  return asked.length === 0 ? './hoplab images build' : `./hoplab images build --only node,toolbox,${asked.join(',')}`
}
