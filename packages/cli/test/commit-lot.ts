import { createHash } from 'node:crypto'
import type { Deadline } from '@hoplab/core'
import { exec } from '@hoplab/core/node'

/**
 * A number that the commit draws, the same on every machine: so each gate sees one of many, and a series of commits all of them. Without a repository it is 0.
 * @param about what is drawn: other things are drawn apart. @default nothing
 */
export async function commitLot(deadline: Deadline, about = ''): Promise<number> {
  const { exitCode, stdout } = await exec('git', ['rev-parse', 'HEAD'], { deadline, cwd: import.meta.dirname })
  return exitCode === 0 ? createHash('sha256').update(`${about}${stdout.trim()}`).digest().readUInt32BE() : 0
}
