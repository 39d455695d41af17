export type { LabView, NodeShell, PlacedCheck, Verifier } from './port.ts'
