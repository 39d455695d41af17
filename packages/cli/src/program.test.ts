import { afterEach, describe, expect, test, vi } from 'vitest'
import type { FlagValues } from './context.ts'
import { buildProgram } from './program.ts'

afterEach(() => vi.unstubAllEnvs())

/** What the command would have been given, or the message of the usage error. */
async function parsed(...argv: string[]): Promise<{ name: string; args: readonly string[]; flags: FlagValues } | string> {
  let found: { name: string; args: readonly string[]; flags: FlagValues } | undefined
  const program = buildProgram(async (entry, args, flags) => { found = { name: entry.name, args, flags } }, { out: () => {}, err: () => {} }, '0')
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    return (error as Error).message
  }
  return found ?? 'nothing was called'
}

describe('the command line', () => {
  test('gives arguments, flags and defaults', async () => {
    expect(await parsed('up', 'first-packet', '--proxy-mode', 'nftables', '--recreate')).toMatchObject({
      name: 'up', args: ['first-packet'], flags: { proxyMode: 'nftables', recreate: true, provider: 'auto', images: 'auto' } })
    expect(await parsed('answer', '2', 'a=1', 'b=2')).toMatchObject({ args: ['2', 'a=1', 'b=2'] })
    expect(await parsed('images', 'build', '--only', 'node,toolbox')).toMatchObject({ flags: { only: ['node', 'toolbox'] } })
  })

  test('a global flag counts before and after the command', async () => {
    expect(await parsed('--json', '--lab', 'x', 'status')).toMatchObject({ flags: { json: true, lab: 'x' } })
    expect(await parsed('status', '--json', '--lab', 'x')).toMatchObject({ flags: { json: true, lab: 'x' } })
    expect(await parsed('--progress', 'plain', 'status')).toMatchObject({ flags: { progress: 'plain' } })
  })

  test('an environment variable counts, and the flag wins over it', async () => {
    vi.stubEnv('HOPLAB_CNI', 'calico')
    vi.stubEnv('HOPLAB_LAB', 'mine')
    expect(await parsed('up', 'x')).toMatchObject({ flags: { cni: 'calico', lab: 'mine' } })
    expect(await parsed('up', 'x', '--cni', 'flannel', '--lab', 'other')).toMatchObject({ flags: { cni: 'flannel', lab: 'other' } })
    vi.stubEnv('HOPLAB_CNI', 'wrong')
    expect(await parsed('up', 'x')).toContain('HOPLAB_CNI')
  })

  test('says what was probably meant', async () => {
    expect(await parsed('chek')).toContain('Did you mean check?')
    expect(await parsed('up', 'x', '--recreat')).toContain('Did you mean --recreate?')
    expect(await parsed('up')).toContain("missing required argument 'lab'")
    expect(await parsed('up', 'x', 'y')).toContain('too many arguments')
    expect(await parsed('completion', 'tcsh')).toContain('Allowed choices are bash, zsh, fish')
  })

  test('kubectl and shell pass everything on', async () => {
    expect(await parsed('kubectl', 'get', 'pods', '-A', '--json', '--help')).toMatchObject({ name: 'kubectl', args: ['get', 'pods', '-A', '--json', '--help'] })
    expect(await parsed('--lab', 'x', 'kubectl', '-n', 'a', 'get', 'pods')).toMatchObject({ args: ['-n', 'a', 'get', 'pods'], flags: { lab: 'x' } })
    expect(await parsed('shell', 'pod/client', 'curl', '-s', 'http://hello')).toMatchObject({ args: ['pod/client', 'curl', '-s', 'http://hello'] })
  })
})
