/** A command line that needs root, as this user must type it: behind `sudo` unless already root (bare machines have no sudo). */
export const asRoot = (command: string): string => (process.getuid?.() === 0 ? command : `sudo ${command}`)
