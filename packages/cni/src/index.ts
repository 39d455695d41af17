export type { CniInstaller } from './port.ts'
