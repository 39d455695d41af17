import { homedir, tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/** A relative path in an XDG variable is invalid and ignored (XDG Base Directory Specification 0.8). */
function under(variable: string, ours: string, fallback: string): string {
  const { HOPLAB_HOME: home, [variable]: xdg } = process.env
  if (home) return resolve(home, ours)
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), fallback), 'hoplab')
}

/** Progress, evidence and kubeconfigs: `$HOPLAB_HOME/state`, else `$XDG_STATE_HOME/hoplab`, else `~/.local/state/hoplab`. */
export const stateFolder = (): string => under('XDG_STATE_HOME', 'state', '.local/state')

/** Things that can be made again: `$HOPLAB_HOME/cache`, else `$XDG_CACHE_HOME/hoplab`, else `~/.cache/hoplab`. */
export const cacheFolder = (): string => under('XDG_CACHE_HOME', 'cache', '.cache')

/** State of one lab instance. */
export const labFolder = (name: string): string => join(stateFolder(), 'labs', name)

/** Parent of our temporary folders; each is named `hoplab-…` so that leftovers are found. */
export const temporaryParent = (): string => tmpdir()
