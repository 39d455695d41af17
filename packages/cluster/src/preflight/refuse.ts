import type { Deadline, HopError } from '@hoplab/core'
import { HOP_DISK_FULL, HOP_INOTIFY_LOW, HOP_MEMORY_LOW } from '../errors.ts'
import { inotifyPerNode, inotifyUse } from './inotify.ts'
import { diskGiBPerNode, diskRoom, memoryRoom } from './room.ts'

/** What a machine has; undefined where it cannot be told. */
export interface HostRoom {
  inotify: Awaited<ReturnType<typeof inotifyUse>>
  disk: Awaited<ReturnType<typeof diskRoom>>
  memory: Awaited<ReturnType<typeof memoryRoom>>
}

/** What this machine has now. */
export async function hostRoom(deadline: Deadline): Promise<HostRoom> {
  const [inotify, disk, memory] = await Promise.all([inotifyUse(), diskRoom(deadline), memoryRoom()])
  return { inotify, disk, memory }
}

/** What a machine lacks for `nodes` more nodes that take this much memory each, as the errors that would be thrown. */
export function shortages(nodes: number, memoryGiBPerNode: number, { inotify, disk, memory }: HostRoom): HopError[] {
  const found: HopError[] = []
  const needed = nodes * inotifyPerNode
  if (inotify && inotify.inUse + needed > inotify.limit) found.push(HOP_INOTIFY_LOW({ ...inotify, needed, nodes }))
  if (disk && disk.freeGiB < nodes * diskGiBPerNode) found.push(HOP_DISK_FULL({ ...disk, neededGiB: nodes * diskGiBPerNode }))
  if (memory && memory.freeGiB < nodes * memoryGiBPerNode) found.push(HOP_MEMORY_LOW({ ...memory, neededGiB: nodes * memoryGiBPerNode }))
  return found
}

/** @throws HOP_INOTIFY_LOW, HOP_DISK_FULL or HOP_MEMORY_LOW before anything is made. */
export async function refuseIfTooSmall(nodes: number, memoryGiBPerNode: number, deadline: Deadline): Promise<void> {
  const [first] = shortages(nodes, memoryGiBPerNode, await hostRoom(deadline))
  if (first) throw first
}
