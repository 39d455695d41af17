import type { Published, Versions } from './versions.ts'

/** What is known of an image that only clusters with one CNI need. */
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
  /** Takes minutes of two cores to build. With CI=true it is built only where its programs are in the cache, and its tests run where it is. */
  costly?: true
}

/** Images that only clusters with a certain CNI need, by the keys under which image sets and results name them. */
const facts = {
  flannel: { step: 'flannel', place: 'node-image', upstream: (v) => v.upstream.flannel, localTag: (v) => v.local.flannel.version },
  flannelCniPlugin: { step: 'flannel-cni-plugin', place: 'node-image', upstream: (v) => v.upstream.flannelCniPlugin, localTag: (v) => v.local.flannelCniPlugin.version },
  calicoNode: { step: 'calico-node', place: 'loaded', upstream: (v) => v.upstream.calicoNode, localTag: (v) => v.local.calico.tag },
  calicoCni: { step: 'calico-cni', place: 'loaded', upstream: (v) => v.upstream.calicoCni, localTag: (v) => v.local.calico.tag },
  calicoCrds: {
    step: 'calico-crds', place: 'engine', ours: ['modules/calico'],
    upstream: (v) => ({ image: `hoplab/calico-crds:${v.local.calico.tag}` }), localTag: (v) => v.local.calico.tag,
  },
  awsVpc: {
    step: 'aws-vpc', place: 'loaded', costly: true, ours: ['modules/aws-vpc', 'programs/cmd/instance-metadata', 'programs/go.mod'],
    upstream: (v) => ({ image: `hoplab/aws-vpc:${v.local.awsVpc.version}` }), localTag: (v) => v.local.awsVpc.version,
  },
} as const satisfies Record<string, CniImageFacts>

/** See {@link cniImages}. */
export type CniImage = keyof typeof facts

/** See {@link CniImageFacts}. */
export const cniImages: Readonly<Record<CniImage, CniImageFacts>> = facts

/** Every key there is. */
export const everyCniImage = Object.keys(facts) as CniImage[]

/** Those that whoever runs the tests has: all but the {@link CniImageFacts.costly} ones. */
export const ordinaryCniImages: readonly CniImage[] = everyCniImage.filter((key) => !cniImages[key].costly)
