import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flannelInstaller, flannelObjects } from '@hoplab/cni/flannel'
import { Deadline } from '@hoplab/core'
import { ensureKind, imageSet } from '@hoplab/images'
import { $ } from 'zx'
import { type ByHandInput, downByHand, upByHand } from './by-hand.ts'
import { type Figure, median, row } from './figures.ts'

const root = join(import.meta.dirname, '../..')
const labFolder = join(root, 'labs/00-first-packet')
const instance = 'bench-up'
const namespace = 'first-packet'

/**
 * `hoplab up first-packet` against the same cluster and lab brought up by hand, in turn on this machine, images present.
 * Prints min, median and max of each and of the ratio pair by pair. Every round ends with both removed.
 */
export async function benchUp(rounds: number): Promise<void> {
  using deadline = Deadline.start('bench up', rounds * 10 * 60_000)
  const folder = await mkdtemp(join(tmpdir(), 'hoplab-bench-'))
  const byHand = await byHandInput(folder, await ensureKind(deadline))
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

async function byHandInput(folder: string, kind: string): Promise<ByHandInput> {
  const images = imageSet('local', flannelInstaller().images)
  const objects = flannelObjects({ podSubnet: '10.244.0.0/16', flannelImage: images.flannel ?? '', pluginImage: images.flannelCniPlugin ?? '' })
  const manifests = (await readdir(join(labFolder, 'manifests'))).filter((name) => name.endsWith('.yaml')).sort()
  const texts = await Promise.all(manifests.map((name) => readFile(join(labFolder, 'manifests', name), 'utf8')))
  return {
    kind, folder, nodeImage: images.node,
    cniYaml: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...objects, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }] }),
    labYaml: texts.join('\n---\n').replaceAll(/(image:\s*)hoplab\/echo\b/gu, `$1${images.echo}`),
    namespace, deployments: ['hello'], servers: 'app.kubernetes.io/name=hello',
  }
}

const seconds = (ms: number | undefined): string => `${((ms ?? 0) / 1000).toFixed(1)} s`
