export { HOP_KUBE_EXEC_CUT, HOP_KUBE_REFUSED, HOP_KUBE_UNREACHABLE, Refusal, refusalOf, refused } from './errors.ts'
export type { KubeClient, KubeListRef, KubeObject, KubeRef, PatchType, ResourceType } from './port.ts'
export { describeRef, refOf } from './resource-path.ts'
export { daemonSetPending, deploymentPending, type RollOut, rollOutOf } from './rollout.ts'
