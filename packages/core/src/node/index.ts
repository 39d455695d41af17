export { asRoot, startOwnEngine } from './as-root.ts'
export { bytePipe, type BytePipe } from './byte-pipe.ts'
export { converse, type Conversation } from './conversation.ts'
export {
  exec, type ExecOptions, type ExecResult, HOP_PROGRAM_FAILED, HOP_PROGRAM_MISSING, HOP_PROGRAM_NOT_STARTED, HOP_PROGRAM_OUTPUT_TOO_LONG, run,
} from './exec.ts'
export { writeWhole } from './files.ts'
export { cacheFolder, labFolder, stateFolder, temporaryParent } from './folders.ts'
export { HOP_LOCKED, lock } from './lock.ts'
