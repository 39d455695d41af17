/**
 * Installs the Debian packages that building the images needs where their programs are absent: `sh scripts/toolchain.sh node scripts/image-tools.ts`.
 * A machine that has the programs, whoever installed them, is left alone; so is one without root or apt-get. Says what it cannot give and exits
 * with 0 then: images that are here already need none of it, and `hoplab images build` refuses with the command to type otherwise.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HopError } from '@hoplab/core'
import { $, which } from 'zx'
import { install } from './engine/packages.ts'
import { goNeeded, type ImageTool, planOf } from './image-tools/plan.ts'

const images = join(import.meta.dirname, '../packages/images')
const tools: readonly ImageTool[] = ['go', 'gcc', 'debootstrap']

const has = async (program: string): Promise<boolean> => await which(program, { nothrow: true }) !== null

async function modFiles(): Promise<string[]> {
  const found = (await readdir(images, { recursive: true })).filter((path) => /(?:^|\/)go\.mod$/u.test(path) && !path.includes('node_modules'))
  return Promise.all(found.map((path) => readFile(join(images, path), 'utf8')))
}

/** A machine that was never updated knows no packages. */
async function candidateGo(): Promise<string | undefined> {
  const debian = $({ nothrow: true, quiet: true, env: { ...process.env, LC_ALL: 'C' } })
  await debian`apt-get update`
  const policy = await debian`apt-cache policy golang-go`
  return /^ {2}Candidate: (\d\S*)$/mu.exec(policy.stdout)?.[1]
}

async function main(): Promise<void> {
  const missing = (await Promise.all(tools.map(async (tool) => (await has(tool) ? [] : [tool])))).flat()
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || !await has('apt-get')) return console.error(`not installed for want of root and apt-get: ${missing.join(', ')}`)
  const { packages, unable } = planOf(missing, { candidate: missing.includes('go') ? await candidateGo() : undefined, needed: goNeeded(await modFiles()) })
  if (packages.length > 0) await install(packages)
  for (const line of unable) console.error(line)
}

try {
  await main()
} catch (error) {
  if (!(error instanceof HopError)) throw error
  console.error(`${error.code}: ${error.facts.what}\n  why: ${error.facts.why}\n  fix: ${error.facts.fix}`)
  process.exitCode = error.exitCode
}
