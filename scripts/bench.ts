/**
 * Speed, measured in one run: `pnpm bench up [ROUNDS]`, `pnpm bench checks [ROUNDS]`, `pnpm bench cni [ROUNDS] [CNI…]`, `pnpm bench labs [ROUNDS] [LAB…]`. Needs a container engine and home-built images.
 * Exit code 1 when a figure misses its bound.
 */
import { useOwnEngine } from '@hoplab/images'
import { benchChecks } from './bench/checks.ts'
import { benchCni } from './bench/cni.ts'
import { benchLabs } from './bench/labs.ts'
import { benchUp } from './bench/up.ts'

const benches: Record<string, (rounds: number, only: readonly string[]) => Promise<void>> = { checks: benchChecks, cni: benchCni, labs: benchLabs, up: benchUp }
const bench = benches[process.argv[2] ?? '']
const rounds = Number(process.argv[3] ?? 5)

if (!bench || !Number.isInteger(rounds) || rounds < 1) {
  console.error(`usage: pnpm bench ${Object.keys(benches).join('|')} [ROUNDS]`)
  process.exitCode = 2
} else {
  useOwnEngine()
  await bench(rounds, process.argv.slice(4))
}
