/**
 * A container engine of our own, for machines that have none (CI, bare build machines): `sh scripts/toolchain.sh node scripts/engine.ts start|stop|status`.
 * `start` prints the line that points `docker` at it. Everything lives under the cache folder and /run/hoplab-engine;
 * /etc/docker, /var/lib/docker and a daemon that already answers are never touched.
 */
import { HopError } from '@hoplab/core'
import { start } from './engine/start.ts'
import { status } from './engine/status.ts'
import { stop } from './engine/stop.ts'

const verbs: Record<string, () => Promise<void>> = { start, stop, status }
const verb = verbs[process.argv[2] ?? '']

if (!verb) {
  console.error('usage: sh scripts/toolchain.sh node scripts/engine.ts start|stop|status')
  process.exitCode = 2
} else {
  try {
    await verb()
  } catch (error) {
    if (!(error instanceof HopError)) throw error
    console.error(`${error.code}: ${error.facts.what}\n  why: ${error.facts.why}\n  fix: ${error.facts.fix}`)
    process.exitCode = error.exitCode
  }
}
