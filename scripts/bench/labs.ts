import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { listLabs } from '@hoplab/catalog/fs'
import { messageOf, namePrefix } from '@hoplab/core'
import { labResult } from '@hoplab/model'
import { $ as loud } from 'zx'
import { labsTable, type LabRounds, missesMemory } from './labs-table.ts'
import { memoryOf } from './node-memory.ts'

const root = join(import.meta.dirname, '../..')
const hoplab = join(root, 'hoplab')
const instance = 'bench-labs'
/** What every other lab is compared with. */
const first = 'first-packet'
/** Between two looks at the memory, in milliseconds: a look takes two seconds of `docker stats` itself. */
const lookMs = 5_000
const $ = loud({ quiet: true })

/**
 * For each lab: `hoplab up`, and one `hoplab prove`, whole processes with images present, in turn on this machine; the first lab is always among them.
 * Prints seconds, the ratio to the first lab, and the most memory that the lab's containers used at a time: medians of `rounds`.
 * Exit code 1 when a lab needs more memory than is asked for, or a proof is not as declared.
 * @param only ids of labs; empty for all
 */
export async function benchLabs(rounds: number, only: readonly string[]): Promise<void> {
  const ids = (await listLabs(join(root, 'labs'))).flatMap((one) => ('file' in one ? [one.file.id] : []))
  const unknown = only.find((id) => !ids.includes(id))
  if (unknown !== undefined) { console.error(`"${unknown}" is no lab; there are ${ids.join(', ')}`); process.exitCode = 2; return }
  const chosen = ids.filter((id) => id === first || only.length === 0 || only.includes(id))
  const measured: LabRounds[] = chosen.map((lab) => ({ lab, rounds: [] }))
  for (let round = 1; round <= rounds; round++) {
    for (const { lab, rounds: done } of measured) {
      const seen = { ...await timeUp(lab), ...await timeProof(lab) }
      done.push({ upMs: seen.upMs, proofMs: seen.proofMs, memoryGiB: Math.max(seen.upMemoryGiB, seen.proofMemoryGiB), notDeclared: seen.notDeclared })
      console.error(`${lab}, round ${round} of ${rounds}: up ${(seen.upMs / 1_000).toFixed(1)} s, proof ${(seen.proofMs / 1_000).toFixed(1)} s${seen.notDeclared.map((line) => `\n  not as declared: ${line}`).join('')}`)
    }
  }
  console.log(labsTable(measured))
  if (measured.some(missesMemory) || measured.some(({ rounds: all }) => all.some(({ notDeclared }) => notDeclared.length > 0))) process.exitCode = 1
}

async function timeUp(lab: string): Promise<{ upMs: number; upMemoryGiB: number }> {
  const started = performance.now()
  try {
    await $`${hoplab} up ${lab} --images local --lab ${instance} --json`
    return { upMs: performance.now() - started, upMemoryGiB: await memoryOf(`${namePrefix}${instance}-`) }
  } finally { await $`${hoplab} down --lab ${instance}`.nothrow() }
}

/** One whole proof, which makes and removes its own cluster. */
async function timeProof(lab: string): Promise<{ proofMs: number; proofMemoryGiB: number; notDeclared: string[] }> {
  const started = performance.now()
  const proof = $`${hoplab} prove ${lab} --images local --lab ${instance} --json`.nothrow()
  let over = false
  const most = mostMemory(() => over)
  // Awaited below, after the proof has removed what it made.
  most.catch(() => undefined)
  const { stdout, stderr } = await proof.finally(() => { over = true })
  const proofMs = performance.now() - started
  return { proofMs, proofMemoryGiB: await most, notDeclared: deviations(stdout, stderr) }
}

function deviations(stdout: string, stderr: string): string[] {
  try {
    return (labResult.parse(JSON.parse(stdout)).phases ?? []).filter(({ asDeclared }) => !asDeclared).map(({ name, deviation }) => `${name}: ${deviation}`)
  } catch (error) { return [`the proof printed no result: ${messageOf(error)} ${stderr.slice(-500)}`] }
}

/** The most memory that the containers of the lab used at a time, in GiB. */
async function mostMemory(over: () => boolean): Promise<number> {
  let most = 0
  while (!over()) {
    most = Math.max(most, await memoryOf(`${namePrefix}${instance}-`))
    await pause(lookMs)
  }
  return most
}
