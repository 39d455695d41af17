export type { CniCapabilities, CniInstaller } from './port.ts'
