/** A program that building the images needs. */
export type ImageTool = 'go' | 'gcc' | 'debootstrap'

/** What is to be done about programs that are missing. */
export interface Plan {
  /** Debian packages to install. */
  packages: string[]
  /** What no package of this system can give, one line each. */
  unable: string[]
}

const packagesOf: Readonly<Record<ImageTool, readonly string[]>> = { go: ['golang-go'], gcc: ['gcc', 'libc6-dev'], debootstrap: ['debootstrap'] }

/** @param go `candidate`: version of Debian's golang-go, e.g. `2:1.19~1`, undefined when there is none; `needed`: e.g. `1.25.0` */
export function planOf(missing: readonly ImageTool[], go: { candidate: string | undefined; needed: string }): Plan {
  const candidate = go.candidate?.replace(/^\d+:/u, '')
  const tooOld = candidate === undefined || isOlder(candidate, go.needed)
  return {
    packages: missing.filter((tool) => tool !== 'go' || !tooOld).flatMap((tool) => packagesOf[tool]),
    unable: missing.includes('go') && tooOld
      ? [`Go ${go.needed} or newer is needed to build images, and the golang-go of this system is ${candidate ?? 'not to be had'}: install it from https://go.dev/doc/install`]
      : [],
  }
}

/** Compares the first two numbers: a Go of the same minor version builds what asks for a later patch. */
function isOlder(version: string, needed: string): boolean {
  const [[major = 0, minor = 0], [wantedMajor = 0, wantedMinor = 0]] = [version, needed].map((text) => (text.match(/\d+/gu) ?? []).map(Number)) as [number[], number[]]
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor)
}

/** The newest Go that any of these go.mod files asks for. */
export function goNeeded(modFiles: readonly string[]): string {
  const asked = modFiles.flatMap((text) => /^go (\d+\.\d+(?:\.\d+)?)$/mu.exec(text)?.[1] ?? [])
  return asked.reduce((newest, one) => (isOlder(newest, one) ? one : newest), '1.21')
}
