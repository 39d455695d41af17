import { join } from 'node:path'
import type { Deadline } from '@hoplab/core'
import { lock, stateFolder } from '@hoplab/core/node'

/** Held by whoever makes or removes a lab: `up` until hand-over, `run` and `prove` to their end. */
export const runLockFile = (name: string): string => join(stateFolder(), 'locks', `${name}.run.lock`)

/** Takes the lab for this command until disposed; the lock of a killed one does not count. @throws HOP_LOCKED naming the process that has it */
export const lockRun = (name: string, deadline: Deadline): Promise<AsyncDisposable> => lock(runLockFile(name), `lab "${name}"`, { deadline })
