export { type Finding } from '../../preflight/diagnose.ts'
export { controlNamespace, controlPort } from './control-pods.ts'
export { type KindProvider, kindProvider } from './provider.ts'
