import { defineError, plainLine } from '@hoplab/core'

/** The image set has no image for a part of the CNI. */
export const HOP_CNI_IMAGE_UNNAMED = defineError<{ cni: string; key: string }>('HOP_CNI_IMAGE_UNNAMED', {
  exitCode: 3,
  what: (p) => `No image is named for "${p.key}", which ${p.cni} needs.`,
  why: 'The image source in use does not offer this CNI.',
  fix: 'Run "hoplab images list", then "hoplab images build".',
  state: 'Nothing was installed.',
})

/** What a CNI adds to the API cannot be read. */
export const HOP_CNI_CRDS_UNREADABLE = defineError<{ cni: string; said: string }>('HOP_CNI_CRDS_UNREADABLE', {
  exitCode: 3,
  what: (p) => `The kinds of objects that ${p.cni} adds to the API cannot be read.`,
  why: (p) => plainLine(p.said, 300),
  fix: (p) => `Run "hoplab images build --only ${p.cni}-crds".`,
  state: 'Nothing was installed.',
})

/** Where every failure of a network that never becomes ready leaves things: whoever makes the cluster removes it. */
const removed = 'What had been created was removed; what its nodes wrote is in the evidence.'
const again = 'then run "hoplab up LAB --recreate"'

/** A node has no image for a part of the network, and gets none. */
export const HOP_CNI_IMAGE_MISSING = defineError<{ cni: string; image: string; said: readonly string[]; build: string }>('HOP_CNI_IMAGE_MISSING', {
  exitCode: 3,
  what: (p) => `${p.cni} cannot start: a node lacks the image ${plainLine(p.image, 120)}.`,
  why: (p) => plainLine(p.said.join('; '), 900),
  fix: (p) => `Run "${p.build}", ${again}.`,
  state: removed,
})

/** The agent of a network ends again and again. */
export const HOP_CNI_AGENT_CRASHING = defineError<{ cni: string; said: readonly string[] }>('HOP_CNI_AGENT_CRASHING', {
  exitCode: 3,
  what: (p) => `The agent of ${p.cni} does not stay up.`,
  why: (p) => plainLine(p.said.join('; '), 900),
  fix: `Read more of its words in pod-logs.txt of the evidence, ${again}.`,
  state: removed,
})

/** Kubernetes has given a node no addresses for its Pods, and the network takes them from there. */
export const HOP_CNI_NODE_WITHOUT_RANGE = defineError<{ cni: string; nodes: readonly string[] }>('HOP_CNI_NODE_WITHOUT_RANGE', {
  exitCode: 3,
  what: (p) => `${p.cni} has no addresses for Pods of ${p.nodes.join(', ')}.`,
  why: (p) => p.nodes.map((node) => `Node ${node} has no spec.podCIDR`).join('; '),
  fix: `See that kube-controller-manager runs with --allocate-node-cidrs=true and that its --cluster-cidr has a range left for each node, ${again}.`,
  state: removed,
})

/** The network was told other addresses than the cluster was made with. */
export const HOP_CNI_RANGE_DIFFERS = defineError<{ cni: string; said: readonly string[]; wanted: string }>('HOP_CNI_RANGE_DIFFERS', {
  exitCode: 3,
  what: (p) => `${p.cni} gives Pods addresses of another network than the cluster's.`,
  why: (p) => plainLine(p.said.join('; '), 900),
  fix: (p) => `Leave the network at ${p.wanted}, ${again}.`,
  state: removed,
})

/** The stand-in for the metadata service of an EC2 instance does not answer on a node. */
export const HOP_CNI_METADATA_DOWN = defineError<{ said: readonly string[] }>('HOP_CNI_METADATA_DOWN', {
  exitCode: 3,
  what: 'The AWS VPC CNI learns nothing of its node: the stand-in for the metadata service does not answer.',
  why: (p) => plainLine(p.said.join('; '), 900),
  fix: `See that DaemonSet kube-system/instance-metadata may run on every node, ${again}.`,
  state: removed,
})

/** Weave's peers are too few to agree on who owns which addresses. */
export const HOP_CNI_NO_QUORUM = defineError<{ said: readonly string[] }>('HOP_CNI_NO_QUORUM', {
  exitCode: 3,
  what: 'The peers of Weave cannot agree on who owns which addresses: more than half of them must reach each other.',
  why: (p) => plainLine(p.said.join('; '), 900),
  fix: `See that nothing between the nodes drops TCP and UDP 6783 ("iptables-save" on the nodes, network.txt of the evidence), ${again}.`,
  state: removed,
})
