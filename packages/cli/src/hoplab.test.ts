import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
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
  using deadline = Deadline.start('hoplab', 280_000)
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

  test.each([[['trace', 'client'], 'Write "hoplab trace [options] <from> <to>"; "hoplab help trace" tells more.'], [['up', 'basics', '--proxy-mode', 'ipvs'], 'Write "hoplab up [options] <lab>"; "hoplab help up" tells more.'], [['--colour'], 'Run "hoplab --help", or "hoplab help COMMAND".']])('what is missing or wrong in %j is told with how it is called', async (argv, fix) => {
    const { exitCode, stdout } = await hoplab([...argv, '--json'])
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([2, { error: { code: 'HOP_USAGE', fix } }])
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

  test('networks to compare that are wrong are exit 2 before anything is made or any engine is asked', async () => {
    const { exitCode, stdout } = await hoplab(['matrix', '--cni', 'flannel,cilium', '--json'])
    expect(exitCode).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'HOP_NOT_OFFERED', what: 'The CNI "cilium" is not offered here.' } })
    expect(await readdir(home)).toEqual([])
  })

  test.each([
    ['a way that there is not', ['door'], 'HOP_USAGE', "'door' is invalid for argument 'way'"], ['what is no port', ['lb', '--port', '0x50'], 'HOP_USAGE', '"0x50" is no port.'],
    ['a port beyond all', ['lb', '--port', '70000'], 'HOP_USAGE', '"70000" is no port.'], ['a Service of the Ingress controller', ['ingress', 'front'], 'HOP_USAGE', 'An Ingress controller is opened whole'],
    ['no lab that is up', ['ingress'], 'HOP_NO_LAB_UP', 'No lab is up.'],
  ])('%s cannot be opened: exit 2 at once', async (_what, args, code, what) => {
    const { exitCode, stdout } = await hoplab(['open', ...args, '--json'])
    expect(exitCode).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code, what: expect.stringContaining(what) } })
    expect(await readdir(home)).toEqual([])
  })

  test('a new lab is whole at once; a name that is taken or that nothing can have is exit 2 and writes nothing', async () => {
    const labs = join(home, 'labs')
    await mkdir(labs)
    const made = await hoplab(['new', 'lab', 'my-lab', '--json'], { HOPLAB_LABS: labs })
    expect(made).toMatchObject({ exitCode: 0, stderr: '' })
    expect(JSON.parse(made.stdout)).toMatchObject({ lab: 'my-lab', folder: join(labs, '00-my-lab') })
    expect(JSON.parse((await hoplab(['labs', '--json'], { HOPLAB_LABS: labs })).stdout)).toMatchObject({ labs: [{ id: 'my-lab', points: 10 }], problems: [] })
    for (const [name, code] of [['my-lab', 'HOP_LAB_EXISTS'], ['My Lab', 'HOP_LAB_NAME_INVALID'], ['../x', 'HOP_LAB_NAME_INVALID']] as const) {
      const { exitCode, stdout } = await hoplab(['new', 'lab', name, '--json'], { HOPLAB_LABS: labs })
      expect([name, exitCode, (JSON.parse(stdout) as { error: { code: string } }).error.code]).toEqual([name, 2, code])
    }
    expect(await readdir(labs)).toEqual(['00-my-lab'])
  })

  test('doctor says the same with cause, effect and fix', async () => {
    const { exitCode, stdout } = await hoplab(['doctor', '--json'])
    expect(exitCode).toBe(3)
    const { findings } = JSON.parse(stdout) as { findings: { ok: boolean; what: string; effect: string; fix: string }[] }
    expect(findings.filter((finding) => !finding.ok)[0]).toMatchObject({ effect: expect.stringMatching(/./u), fix: expect.stringMatching(/./u) })
  })

  const edit = (from: string | RegExp, to: string) => async (lab: string): Promise<void> => {
    const file = join(lab, 'lab.yaml')
    const before = await readFile(file, 'utf8')
    expect(before).toMatch(from)
    await writeFile(file, before.replace(from, to))
  }
  const mistakes: Record<string, (lab: string) => Promise<void>> = {
    'YAML with a tab': edit('section: 0', '\tsection: 0'),
    'an unknown key': edit('minutes: 15', 'minuts: 15'),
    'a wrong type': edit('minutes: 15', 'minutes: soon'),
    'a cyclic step order': edit('    text: 01-service-answers', '    text: 01-service-answers\n    after: [what-changed]'),
    'a manifest that is missing': (lab) => rm(join(lab, 'near-misses/2-client-on-host-network/manifests'), { recursive: true }),
    'a file that is not UTF-8': (lab) => writeFile(join(lab, 'steps/01-service-answers.en.md'), Buffer.from([0x23, 0x20, 0xff, 0xfe, 0x0a])),
    'a step without a translation': (lab) => rm(join(lab, 'steps/02-who-and-whence.hi-Latn.md')),
  }
  for (const [mistake, make] of Object.entries(mistakes)) {
    test(`${mistake} is one positioned error, exit 2, and creates nothing`, async () => {
      const labs = join(home, 'labs')
      await cp(join(import.meta.dirname, '../../../labs/00-first-packet'), join(labs, '00-first-packet'), { recursive: true })
      await make(join(labs, '00-first-packet'))
      const { exitCode, stdout, stderr } = await hoplab(['run', 'first-packet', '--json'], { HOPLAB_LABS: labs })
      expect(exitCode, stderr).toBe(2)
      expect(JSON.parse(stdout)).toMatchObject({ error: { exitCode: 2, position: { file: expect.stringContaining('00-first-packet') } } })
      expect(await readdir(home)).toEqual(['labs'])
    })
  }

  test('commands that need a lab say that none is up', async () => {
    for (const args of [['check'], ['down'], ['shell'], ['kubectl', 'get', 'pods']]) {
      const { exitCode, stderr } = await hoplab(args)
      expect([args[0], exitCode, stderr.includes('HOP_NO_LAB_UP')]).toEqual([args[0], 2, true])
    }
  })

  test('labs are listed in both languages', async () => {
    const english = JSON.parse((await hoplab(['labs', '--json'])).stdout) as { labs: { id: string; title: string; points: number }[] }
    const hinglish = JSON.parse((await hoplab(['labs', '--json', '--lang', 'hi-Latn'])).stdout) as typeof english
    expect(english.labs[0]).toMatchObject({ id: 'first-packet', points: 10 })
    expect(hinglish.labs[0]?.title).not.toBe(english.labs[0]?.title)
  })

  test('claims are printed without an engine, in 80 columns; of a lab that is named, only its own', async () => {
    const text = await hoplab(['prove', '--claims'])
    expect(text).toMatchObject({ exitCode: 0, stderr: '' })
    expect(text.stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    for (const id of ['1.1', '4.10', '7.5']) expect(text.stdout).toMatch(new RegExp(`^${id} (?:open|proven)`, 'mu'))
    const { claims, proven, open } = JSON.parse((await hoplab(['prove', '3', '--claims', '--json'])).stdout) as { claims: { id: string; proof: { lab: string; checkTitle: string; counterTitle: string }[] }[]; proven: number; open: number }
    expect(claims).toHaveLength(proven + open)
    expect(claims.find(({ id }) => id === '3.4')).toMatchObject({ open: false, words: expect.stringContaining('localhost ke through'), proof: [{ lab: 'inside-a-pod', step: 'loopback', check: 'still-local', counterCase: 'near-misses/1-pod-address-only' }] })
    expect(claims.filter(({ proof }) => !proof.some(({ lab }) => lab === 'inside-a-pod'))).toEqual([])
    expect(claims.flatMap(({ proof }) => proof).filter(({ checkTitle, counterTitle }) => checkTitle === '' || counterTitle === '')).toEqual([])
  })

  test('a claim whose counter-case refutes nothing is one positioned error, exit 2', async () => {
    const labs = join(home, 'labs')
    await cp(join(import.meta.dirname, '../../../labs'), labs, { recursive: true })
    await writeFile(join(labs, 'claims.yaml'), (await readFile(join(labs, 'claims.yaml'), 'utf8')).replace('faults/2-coredns-down', 'faults/3-masquerade-too-wide'))
    const { exitCode, stdout } = await hoplab(['prove', '--claims', '--json'], { HOPLAB_LABS: labs })
    expect(exitCode).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'HOP_CLAIM_UNREFUTED', position: { file: expect.stringContaining('claims.yaml'), line: expect.any(Number) } } })
  })
})

describe('completion', () => {
  const completed = async (line: string): Promise<string[]> => {
    using deadline = Deadline.start('bash', 280_000)
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
