import { $ as loud } from 'zx'

const $ = loud({ quiet: true })

/** Memory that all node containers of a cluster use now without the file cache, in GiB, as `docker stats` counts it. */
export async function nodeMemory(cluster: string): Promise<number> {
  const node = new RegExp(`^${cluster}-(?:control-plane|worker\\d*)$`, 'u')
  const names = (await $`docker ps --format ${'{{.Names}}'}`).stdout.trim().split('\n').filter((name) => node.test(name))
  if (names.length === 0) throw new Error(`${cluster} has no nodes`)
  return used((await stats(names)).stdout)
}

/** Memory that all containers whose names begin so use now without the file cache, in GiB; 0 when there are none, as before the first and after the last, or when one ends just now. */
export async function memoryOf(prefix: string): Promise<number> {
  const names = (await $`docker ps --format ${'{{.Names}}'} --filter ${`name=^${prefix}`}`).stdout.trim().split('\n').filter(Boolean)
  // One that ended between the list and the look makes the look fail: it had its share in those before.
  const looked = names.length === 0 ? undefined : await stats(names).nothrow()
  return looked?.exitCode === 0 ? used(looked.stdout) : 0
}

const stats = (names: readonly string[]) => $`docker stats --no-stream --format ${'{{.MemUsage}}'} ${names}`
const used = (told: string): number => told.trim().split('\n').reduce((sum, line) => sum + gibibytes(line.split(' / ')[0] ?? ''), 0)

/** `512.3MiB` in GiB. NaN for anything else. */
export function gibibytes(text: string): number {
  const [, amount = 'NaN', unit = ''] = /^([\d.]+)(KiB|MiB|GiB|B)$/u.exec(text.trim()) ?? []
  return Number(amount) / ({ GiB: 1, MiB: 1_024, KiB: 1_024 ** 2, B: 1_024 ** 3 }[unit] ?? Number.NaN)
}
