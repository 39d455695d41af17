import { statfs } from 'node:fs/promises'
import { readFile } from 'node:fs/promises'
import type { Deadline } from '@hoplab/core'
import { docker } from '../engine/docker.ts'

const gib = 1024 ** 3
/** File system of one node: the image's /var is copied into a volume of its own (measured: 0.9 GiB), and logs. */
export const diskGiBPerNode = 1.2
/** Memory of one node with the CNI that takes least. */
export const leastMemoryGiBPerNode = 0.25

/** Room in the folder where the engine keeps its data; undefined when that folder is not on this machine. */
export async function diskRoom(deadline: Deadline): Promise<{ folder: string; freeGiB: number } | undefined> {
  const info = await docker(['info', '--format', '{{.DockerRootDir}}'], { deadline })
  const folder = info.stdout.trim()
  return info.exitCode === 0 && folder ? roomIn(folder) : undefined
}

/** Room in one folder; undefined when there is no such folder. */
export async function roomIn(folder: string): Promise<{ folder: string; freeGiB: number } | undefined> {
  const room = await statfs(folder).catch(() => undefined)
  return room && { folder, freeGiB: (room.bavail * room.bsize) / gib }
}

/** Memory that can be had without swapping; undefined where the kernel does not tell (not Linux: the engine's machine is another one). */
export async function memoryRoom(): Promise<{ freeGiB: number } | undefined> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '')
  const kib = /^MemAvailable:\s+(\d+) kB$/mu.exec(text)?.[1]
  return kib === undefined ? undefined : { freeGiB: (Number(kib) * 1024) / gib }
}
