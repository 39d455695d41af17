import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installerOf } from '@hoplab/cli/implementations'
import type { CniInstaller } from '@hoplab/cni'
import { Deadline } from '@hoplab/core'
import { ensureKind } from '@hoplab/images'
import { $ } from 'zx'
import { byHandName, downByHand, type HandPhase, upByHand } from './by-hand.ts'
import { byHandInput } from './by-hand-input.ts'
import { cniTable, type CniRounds, missesBound } from './cni-table.ts'
import { nodeMemory } from './node-memory.ts'

const hoplab = join(import.meta.dirname, '../../hoplab')
const instance = 'bench-cni'

/** CNIs that are also brought up by hand. The AWS VPC CNI is not: it needs a mocked metadata service beside every node, and a network whose addresses are Pods' too. */
const byHandCnis = ['flannel', 'calico', 'weave', 'routes']

/**
 * For each CNI whose images are here: the first lab with `hoplab up`, and the same cluster, CNI and lab by hand, in turn on this machine.
 * Prints seconds of each phase and the memory of the nodes once all is ready, medians of `rounds`. Exit code 1 when a median ratio misses its bound.
 * @param only names of CNIs; empty for every one whose images are here
 */
export async function benchCni(rounds: number, only: readonly string[]): Promise<void> {
  using deadline = Deadline.start('bench cni', rounds * 40 * 60_000)
  const unknown = only.find((name) => !byHandCnis.includes(name))
  if (unknown !== undefined) { console.error(`"${unknown}" is not brought up by hand here; there are ${byHandCnis.join(', ')}`); process.exitCode = 2; return }
  const measured: CniRounds[] = []
  for (const name of only.length > 0 ? only : byHandCnis) {
    const installer = await installerOf(name)
    const probed = await installer.probe('local', deadline)
    if (probed.ready) measured.push({ cni: name, rounds: await roundsOf(installer, rounds, deadline) })
    else console.error(`${name} is left out: ${probed.reasons.map(({ what }) => what).join(' ')}`)
  }
  console.log(cniTable(measured))
  if (measured.length === 0 || measured.some(missesBound)) process.exitCode = 1
}

async function roundsOf(installer: CniInstaller, rounds: number, deadline: Deadline): Promise<CniRounds['rounds']> {
  const folder = await mkdtemp(join(tmpdir(), 'hoplab-bench-'))
  try {
    const input = await byHandInput({ folder, kind: await ensureKind(deadline), installer }, deadline)
    const done: CniRounds['rounds'] = []
    for (let round = 1; round <= rounds; round++) {
      const ours = await withHoplab(installer.name)
      const phases: HandPhase[] = []
      try {
        const ms = await upByHand(input, (phase) => phases.push(phase))
        done.push({ hoplab: ours, hand: { ms, phases, memoryGiB: await nodeMemory(byHandName) } })
      } finally { await downByHand(input) }
      console.error(`${installer.name}, round ${round} of ${rounds}: hoplab up ${(ours.ms / 1_000).toFixed(1)} s, by hand ${((done.at(-1)?.hand.ms ?? 0) / 1_000).toFixed(1)} s`)
    }
    return done
  } finally { await rm(folder, { recursive: true, force: true }) }
}

/** One `hoplab up`, as long as the whole process takes; the lab is removed afterwards. */
async function withHoplab(cni: string): Promise<CniRounds['rounds'][number]['hoplab']> {
  const started = performance.now()
  try {
    const { stdout } = await $({ quiet: true })`${hoplab} up first-packet --cni ${cni} --images local --lab ${instance} --timings --json`
    const ms = performance.now() - started
    return { ms, phases: (JSON.parse(stdout) as { timings: HandPhase[] }).timings, memoryGiB: await nodeMemory(`hoplab-${instance}`) }
  } finally { await $({ quiet: true })`${hoplab} down --lab ${instance}`.nothrow() }
}
