import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commands } from './command-table.ts'
import { globalFlags } from './flags.ts'
import { buildProgram } from './program.ts'

/** The stable contract that labs, docs, CI and tests rely on: usage of each command, with every flag. Change it only on purpose. */
const contract = `
labs
up LAB --provider --cni --cni-option --proxy-mode --images --seed --internet --timings --recreate --start-over
steps [STEP]
next
check [STEP] --watch
answer STEP ANSWERS…
hint [STEP] --yes
trace FROM TO --pcap
evidence [CHECK]
break [FAULT] --undo
solve [STEP] --solution
reset [STEP]
shell [TARGET] [COMMAND…]
kubectl [ARGS…]
open WAY [SERVICE] --port
status
down --all
clean --all
run LAB --provider --cni --cni-option --proxy-mode --images --seed --internet --timings
prove [LABS…] --provider --cni --cni-option --proxy-mode --images --seed --internet --timings --repeat --claims
matrix --provider --cni --cni-option --proxy-mode --images --markdown
doctor
images VERB --only
completion SHELL
new WHAT NAME
`.trim().split('\n')

const placeholder = (argument: string): string => {
  const word = argument.replace(/[<>[\].]/gu, '').toUpperCase() + (argument.includes('...') ? '…' : '')
  return argument.startsWith('[') ? `[${word}]` : word
}

describe('the command table', () => {
  test('is the contract', () => {
    const usage = commands.map((entry) =>
      [entry.name, ...entry.arguments.map((one) => placeholder(one.argument)), ...entry.flags.map((flag) => flag.flag.split(' ')[0])].join(' '))
    expect(usage).toEqual(contract)
  })

  test('is what --help prints', () => {
    let help = ''
    const program = buildProgram(async () => {}, { out: (text) => { help += text }, err: () => {} }, '0')
    program.outputHelp()
    for (const entry of commands) expect(help).toContain(`\n  ${entry.name} `)
    expect(help.match(/^ {2}[a-z]+/gmu)?.map((word) => word.trim())).toEqual([...commands.map((entry) => entry.name), 'help'])
  })

  test('every flag has its own environment variable, every command an example that starts with it', () => {
    for (const flag of [...globalFlags, ...commands.flatMap((entry) => entry.flags)]) expect(flag.env).toMatch(/^HOPLAB_[A-Z_]+$/u)
    for (const entry of commands) expect(entry.examples.some((example) => example.includes(`hoplab ${entry.name}`))).toBe(true)
  })

  // The first one to be loaded reads and compiles nearly every dependency: seconds here, over a minute on a new machine whose processors every other suite wants too.
  test.each(commands.map((entry) => [entry.name, entry] as const))('%s can be loaded', async (_name, entry) => {
    expect(typeof (await entry.load()).run).toBe('function')
  })
})

test('help and usage errors load nothing but commander and core', () => {
  const seen = new Set<string>()
  const outside = new Set<string>()
  const follow = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/^import (?!type )[^;]*?from '([^']+)'/gmu)) {
      if (from.startsWith('.')) follow(join(dirname(file), from))
      else outside.add(from)
    }
  }
  // The first file turns the cache of compiled modules on, with nothing but the folder's name, and only then loads the others.
  follow(join(import.meta.dirname, 'main.ts'))
  expect([...outside].sort()).toEqual(['@hoplab/core/node/folders', 'node:fs', 'node:module', 'node:path'])
  outside.clear()
  follow(join(import.meta.dirname, 'hoplab.ts'))
  expect([...outside].sort()).toEqual(['@hoplab/core', 'commander'])
  expect(seen.size).toBeGreaterThan(3)
})
