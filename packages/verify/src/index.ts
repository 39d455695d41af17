export type { LabView, NodeShell, PlacedCheck, Verifier } from './port.ts'
export { detectableDeviation, evenness, type Evenness } from './statistics/evenness.ts'
export { createVerifier } from './verifier.ts'
export { type Trace, traceRequest } from './trace/request.ts'
