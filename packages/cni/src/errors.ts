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
