import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

const under = (env: string, fallback: string): string =>
  process.env.HOPLAB_HOME ? join(process.env.HOPLAB_HOME, fallback) : join(process.env[env] || join(homedir(), fallback === 'state' ? '.local/state' : '.cache'), 'hoplab')

/** Progress, evidence and kubeconfigs: `$XDG_STATE_HOME/hoplab`, or `$HOPLAB_HOME/state`. */
export const stateFolder = (): string => under('XDG_STATE_HOME', 'state')

/** Things that can be made again: `$XDG_CACHE_HOME/hoplab`, or `$HOPLAB_HOME/cache`. */
export const cacheFolder = (): string => under('XDG_CACHE_HOME', 'cache')

/** State of one lab instance. */
export const labFolder = (name: string): string => join(stateFolder(), 'labs', name)

/** Parent of our temporary folders; each is named `hoplab-…` so that leftovers are found. */
export const temporaryParent = (): string => tmpdir()
