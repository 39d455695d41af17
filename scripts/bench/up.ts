import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flannelInstaller } from '@hoplab/cni/flannel'
import { Deadline } from '@hoplab/core'
import { ensureKind } from '@hoplab/images'
import { $ } from 'zx'
import { downByHand, upByHand } from './by-hand.ts'
import { byHandInput } from './by-hand-input.ts'
import { type Figure, median, row } from './figures.ts'

const root = join(import.meta.dirname, '../..')
const instance = 'bench-up'

/**
 * `hoplab up first-packet` against the same cluster and lab brought up by hand, in turn on this machine, images present.
 * Prints min, median and max of each and of the ratio pair by pair. Every round ends with both removed.
 */
export async function benchUp(rounds: number): Promise<void> {
  using deadline = Deadline.start('bench up', rounds * 10 * 60_000)
  const folder = await mkdtemp(join(tmpdir(), 'hoplab-bench-'))
  const byHand = await byHandInput({ folder, kind: await ensureKind(deadline), installer: flannelInstaller() }, deadline)
  const hoplab: number[] = []
  const hand: number[] = []
  try {
    for (let round = 1; round <= rounds; round++) {
      hoplab.push(await timeHoplab())
      hand.push(await upByHand(byHand).finally(() => downByHand(byHand)))
      console.error(`round ${round} of ${rounds}: hoplab up ${seconds(hoplab.at(-1))}, by hand ${seconds(hand.at(-1))}`)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const ratios = hoplab.map((ms, index) => ms / (hand[index] ?? NaN))
  const figures: Figure[] = [
    { name: 'hoplab up first-packet, s', values: hoplab.map((ms) => ms / 1000) },
    { name: 'by hand, s', values: hand.map((ms) => ms / 1000) },
    { name: 'ratio', values: ratios },
  ]
  console.log(['| figure | min | median | max |', '| --- | --- | --- | --- |', ...figures.map(row)].join('\n'))
  if (median(ratios) > 1.05) process.exitCode = 1
}

async function timeHoplab(): Promise<number> {
  const hoplab = join(root, 'hoplab')
  const started = performance.now()
  try {
    await $({ quiet: true })`${hoplab} up first-packet --images local --lab ${instance}`
    return performance.now() - started
  } finally {
    await $({ quiet: true })`${hoplab} down --lab ${instance}`.nothrow()
  }
}

const seconds = (ms: number | undefined): string => `${((ms ?? 0) / 1000).toFixed(1)} s`
