/** Every container, network and image we create carries these, so that `hoplab clean` finds it and touches nothing else. */
export const labels = {
  /** Id of the run that created the thing. */
  run: 'hoplab.dev/run',
  /** Name of the lab instance it belongs to. */
  lab: 'hoplab.dev/lab',
  /** Mark of the state folder that remembers it: another user's, or another HOPLAB_HOME's, is not ours. */
  home: 'hoplab.dev/home',
  /** What it is for: `network`, `gateway`, `toolbox`, `registry`, `build`. */
  role: 'hoplab.dev/role',
  /** On images: `local` when built here without a registry. */
  source: 'hoplab.dev/source',
} as const

/** Label of Nodes: `control-plane`, `worker-1`, … as everything names them, so that a lab can place its Pods in any cluster. */
export const positionLabel = 'hoplab.dev/position'

/** Annotation of a Pod that is not Ready on purpose: with the value `true` nobody waits for it. */
export const neverReadyAnnotation = 'hoplab.dev/never-ready'

/** Start of every kind cluster name, Docker network name and container name of ours. */
export const namePrefix = 'hoplab-'
