import { join } from 'node:path'
import { stateFolder } from '@hoplab/core/node'

/** Held by `run` and `prove` as long as they live: tells their lab from the leftover of a killed one. */
export const runLockFile = (name: string): string => join(stateFolder(), 'locks', `${name}.run.lock`)
