import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { exec } from '@hoplab/core/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let home = ''
beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'hoplab-test-')) })
afterEach(() => rm(home, { recursive: true, force: true }))

/** The real command in its own process, without any engine. */
async function hoplab(args: readonly string[], env: Record<string, string> = {}): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  using deadline = Deadline.start('hoplab', 20_000)
  const main = join(import.meta.dirname, 'main.ts')
  return exec(process.execPath, [main, ...args], { deadline, env: { HOPLAB_HOME: home, DOCKER_HOST: `unix://${home}/no.sock`, NO_COLOR: '1', LANG: 'C', ...env } })
}

describe('the command as a process', () => {
  test('a usage error is exit 2 with a suggestion; with --json it is JSON on stdout', async () => {
    const text = await hoplab(['chek'])
    expect(text).toMatchObject({ exitCode: 2, stdout: '' })
    expect(text.stderr).toContain('Did you mean check?')
    const json = await hoplab(['chek', '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ schemaVersion: 1, error: { code: 'HOP_USAGE', exitCode: 2 } })
  })

  test('an unknown lab is exit 2, names the near one and creates nothing', async () => {
    const { exitCode, stdout } = await hoplab(['up', 'frist-packet', '--json'])
    expect(exitCode).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'HOP_LAB_UNKNOWN', what: expect.stringContaining('Did you mean "first-packet"?') } })
    expect(await readdir(home)).toEqual([])
  })

  test('where no engine answers, one screen says what was looked for and how to start one', async () => {
    for (const command of ['run', 'up', 'prove']) {
      const { exitCode, stderr } = await hoplab([command, 'first-packet'])
      expect(exitCode).toBe(3)
      expect(stderr).toContain(`DOCKER_HOST=unix://${home}/no.sock`)
      expect(stderr).toContain('HOP_NO_ENGINE')
      expect(stderr).toContain('Start one')
      expect(stderr.split('\n').length).toBeLessThan(24)
    }
    expect(await readdir(home)).toEqual([])
  })

  test('doctor says the same with cause, effect and fix', async () => {
    const { exitCode, stdout } = await hoplab(['doctor', '--json'])
    expect(exitCode).toBe(3)
    const { findings } = JSON.parse(stdout) as { findings: { ok: boolean; what: string; effect: string; fix: string }[] }
    expect(findings.filter((finding) => !finding.ok)[0]).toMatchObject({ effect: expect.stringMatching(/./u), fix: expect.stringMatching(/./u) })
  })

  test('a lab that cannot be read is one positioned error', async () => {
    const labs = join(home, 'labs/01-bad')
    await import('node:fs/promises').then((fs) => fs.mkdir(labs, { recursive: true }))
    await writeFile(join(labs, 'lab.yaml'), 'id: bad\n\tsection: 1\n')
    const { exitCode, stdout } = await hoplab(['up', 'bad', '--json'], { HOPLAB_LABS: join(home, 'labs') })
    expect(exitCode).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { position: { line: 2 } } })
  })

  test('commands that need a lab say that none is up', async () => {
    for (const args of [['check'], ['down'], ['shell'], ['kubectl', 'get', 'pods']]) {
      const { exitCode, stderr } = await hoplab(args)
      expect([args[0], exitCode, stderr.includes('HOP_NO_LAB_UP')]).toEqual([args[0], 2, true])
    }
  }, 30_000)

  test('labs are listed in both languages', async () => {
    const english = JSON.parse((await hoplab(['labs', '--json'])).stdout) as { labs: { id: string; title: string; points: number }[] }
    const hinglish = JSON.parse((await hoplab(['labs', '--json', '--lang', 'hi-Latn'])).stdout) as typeof english
    expect(english.labs[0]).toMatchObject({ id: 'first-packet', points: 10 })
    expect(hinglish.labs[0]?.title).not.toBe(english.labs[0]?.title)
  })
})

describe('completion', () => {
  const completed = async (line: string): Promise<string[]> => {
    using deadline = Deadline.start('bash', 10_000)
    const { stdout: script } = await hoplab(['completion', 'bash'])
    const words = line.split(' ')
    const program = `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _hoplab; echo "\${COMPREPLY[@]}"`
    return (await exec('bash', ['-c', program], { deadline })).stdout.trim().split(' ')
  }

  test('bash completes commands, flags, choices and lab ids', async () => {
    expect(await completed('hoplab co')).toEqual(['completion'])
    expect(await completed('hoplab up first')).toEqual(['first-packet'])
    expect(await completed('hoplab up --proxy-mode n')).toEqual(['nftables'])
    expect(await completed('hoplab check --wa')).toEqual(['--watch'])
  })

  test('zsh and fish name every command', async () => {
    for (const shell of ['zsh', 'fish']) {
      const { stdout } = await hoplab(['completion', shell])
      for (const command of ['up', 'kubectl', 'prove']) expect(stdout).toContain(command)
    }
  })
})
