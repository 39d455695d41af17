import { join } from 'node:path'

/** A command line that needs root, as this user must type it: behind `sudo` unless already root (bare machines have no sudo). */
export const asRoot = (command: string): string => (process.getuid?.() === 0 ? command : `sudo ${command}`)

const root = join(import.meta.dirname, '../../../..')

/**
 * The command line that starts a container engine of our own, as this user must type it in this folder. It goes through the toolchain, because the
 * PATH may have an older Node than the 24 that runs TypeScript; with a whole path unless this is the repository's root.
 */
export const startOwnEngine = (): string => {
  const scripts = process.cwd() === root ? 'scripts' : join(root, 'scripts')
  return asRoot(`sh ${scripts}/toolchain.sh node ${scripts}/engine.ts start`)
}
