export { exec, type ExecOptions, type ExecResult, HOP_PROGRAM_FAILED, HOP_PROGRAM_MISSING, run } from './exec.ts'
export { writeWhole } from './files.ts'
export { cacheFolder, labFolder, stateFolder, temporaryParent } from './folders.ts'
export { HOP_LOCKED, lock } from './lock.ts'
