import { Deadline } from '@hoplab/core'
import { ownEngine } from '@hoplab/images'
import { answers } from './start.ts'

/** Says whether our engine runs and answers; exit code 0 when it does, 1 when not. */
export async function status(): Promise<void> {
  using deadline = Deadline.start('engine status', 30_000)
  const engine = ownEngine()
  const ok = engine !== undefined && await answers(deadline, engine.socket)
  console.error(engine ? `process ${engine.pid}, ${ok ? 'answers' : 'does not answer'}` : 'our engine does not run')
  if (ok) console.log(`export DOCKER_HOST=unix://${engine.socket}`)
  else process.exitCode = 1
}
