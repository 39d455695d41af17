import { statfs } from 'node:fs/promises'
import { type Deadline, HopError } from '@hoplab/core'
import { exec } from '@hoplab/core/node'
import { HOP_IMAGES_DISK_LOW, HOP_IMAGES_NEED_ROOT, HOP_IMAGES_TOOL_MISSING } from '../errors.ts'
import { buildFolder, type Step } from './step.ts'

/** What building asks of a machine. */
export interface Machine {
  /** Whether this program is on the PATH. */
  has(program: string): Promise<boolean>
  isRoot: boolean
  /** Bytes free for us under a folder. */
  freeBytes(folder: string): Promise<number>
}

/** The machine that this process runs on. */
export const thisMachine = (deadline: Deadline): Machine => ({
  isRoot: process.getuid?.() === 0,
  async has(program) {
    try {
      await exec(program, [program === 'go' ? 'version' : '--version'], { deadline })
      return true
    } catch (error) {
      if (error instanceof HopError && error.code === 'HOP_PROGRAM_MISSING') return false
      throw error
    }
  },
  async freeBytes(folder) {
    const disk = await statfs(folder)
    return disk.bavail * disk.bsize
  },
})

const install = {
  go: 'Install Go 1.26 or newer (https://go.dev/doc/install), then run "./hoplab images build".',
  gcc: 'Run "sudo apt-get install gcc libc6-dev", then "./hoplab images build".',
  'pcap-config': 'Run "sudo apt-get install libpcap-dev", then "./hoplab images build --only weave".',
  debootstrap: 'Run "sudo apt-get install debootstrap", then "./hoplab images build".',
}

const gibibyte = 2 ** 30
/** Room that a build takes: with Kubernetes still to be compiled (measured here: 9, most of it Go's own cache), and without. */
const neededGiB = { whole: 12, rest: 4 }

/**
 * Looks for everything that the steps still to be made need, before the first of them starts.
 * @throws HOP_IMAGES_TOOL_MISSING, HOP_IMAGES_NEED_ROOT, HOP_IMAGES_DISK_LOW
 */
export async function requireMachine(pending: readonly Step[], machine: Machine): Promise<void> {
  if (pending.length === 0) return
  for (const step of pending) {
    for (const tool of step.tools) {
      if (tool === 'root') {
        if (!machine.isRoot) throw HOP_IMAGES_NEED_ROOT({ step: step.name })
      } else if (!await machine.has(tool)) throw HOP_IMAGES_TOOL_MISSING({ tool, step: step.name, install: install[tool] })
    }
  }
  const freeGiB = await machine.freeBytes(buildFolder()) / gibibyte
  const needed = pending.some((step) => step.name === 'kubernetes-binaries') ? neededGiB.whole : neededGiB.rest
  if (freeGiB < needed) throw HOP_IMAGES_DISK_LOW({ folder: buildFolder(), freeGiB, neededGiB: needed })
}
