export type { KubeClient, KubeListRef, KubeObject, KubeRef, PatchType, ResourceType } from './port.ts'
