import { EventEmitter } from 'node:events'
import { exitCodes } from '@hoplab/core'
import type { PhaseResult } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import { lookedFor, startsOn } from './engine-help.ts'
import { interruptible, type SignalSource } from './interrupt.ts'
import { fileArgument } from './kubectl.ts'
import { languageOf } from './language.ts'
import { exitOf, exitOfPhases } from './verdict-exit.ts'

describe('interruption', () => {
  const source = (exits: number[]): EventEmitter & SignalSource => Object.assign(new EventEmitter(), { exit: (code: number) => { exits.push(code) } }) as never

  test('the first signal aborts in order, the second leaves at once', () => {
    const exits: number[] = []
    const said: string[] = []
    const process = source(exits)
    const { signal } = interruptible((text) => said.push(text), process)
    process.emit('SIGINT')
    expect(signal.reason).toMatchObject({ code: 'HOP_INTERRUPTED', exitCode: 130 })
    expect(exits).toEqual([])
    process.emit('SIGTERM')
    expect(exits).toEqual([130])
    expect(said[1]).toContain('hoplab clean')
  })

  test('disposal lets go of the process', () => {
    const process = source([])
    interruptible(() => {}, process)[Symbol.dispose]()
    expect(process.eventNames()).toEqual([])
  })
})

describe('exit codes', () => {
  const phase = (asDeclared: boolean, verdict: PhaseResult['verdict']): PhaseResult => ({
    name: 'x', verdict, points: 0, maxPoints: 0, asDeclared, durationMs: 1,
    checks: [{ id: 'c', step: 's', title: 't', verdict, points: 0, maxPoints: 0, truth: 'real', why: '', evidence: [], attempts: 1, flapped: false, durationMs: 1 }],
  })

  test('skipped and not-offered never change the code', () => {
    expect((['pass', 'fail', 'inconclusive', 'skipped', 'not-offered'] as const).map(exitOf)).toEqual([0, 1, 3, 0, 0])
  })

  test('phases: red is fine where it is declared; doubt is not the lab\'s fault', () => {
    expect(exitOfPhases([phase(true, 'fail'), phase(true, 'pass')])).toBe(exitCodes.ok)
    expect(exitOfPhases([phase(true, 'fail'), phase(false, 'fail')])).toBe(exitCodes.failed)
    expect(exitOfPhases([phase(false, 'inconclusive'), phase(true, 'pass')])).toBe(exitCodes.inconclusive)
    expect(exitOfPhases([phase(false, 'inconclusive'), phase(false, 'fail')])).toBe(exitCodes.failed)
  })
})

describe('where no engine answers', () => {
  const host = { platform: 'linux', distribution: ['debian'], wsl: false, systemd: true } as const
  test('every OS is told its own way', () => {
    expect(startsOn(host)[0]).toBe('sudo apt-get install docker.io && sudo systemctl start docker')
    expect(startsOn({ ...host, distribution: ['fedora'] })[0]).toBe('sudo dnf install moby-engine && sudo systemctl start docker')
    expect(startsOn({ ...host, systemd: false })).toEqual([expect.stringMatching(/^without a service manager \(CI, bare machines\): (?:sudo )?sh \S*scripts\/toolchain\.sh node \S*scripts\/engine\.ts start$/u)])
    expect(startsOn({ ...host, wsl: true })[0]).toContain('WSL integration')
    expect(startsOn({ ...host, platform: 'darwin' })[0]).toContain('open -a Docker')
    expect(startsOn({ ...host, platform: 'win32' })[0]).toContain('WSL2')
  })

  test('says what was looked for', () => {
    expect(lookedFor('it said no', { DOCKER_HOST: 'unix:///x.sock' })).toEqual(expect.arrayContaining(['DOCKER_HOST=unix:///x.sock', 'it said no']))
  })
})

test('only a file of this machine keeps kubectl from running inside the node', () => {
  expect(fileArgument(['apply', '-f', 'a.yaml'])).toBe('a.yaml')
  expect(fileArgument(['apply', '--filename=a.yaml'])).toBe('a.yaml')
  expect(fileArgument(['apply', '-f', '-'])).toBeUndefined()
  expect(fileArgument(['exec', 'p', '--', 'tail', '-f', '/log'])).toBeUndefined()
  expect(fileArgument(['get', 'pods'])).toBeUndefined()
})

test('language comes from the flag, else from the locale, else English', () => {
  expect(languageOf('hi-Latn', {})).toBe('hi-Latn')
  expect(languageOf(undefined, { LANG: 'hi_IN.UTF-8' })).toBe('hi-Latn')
  expect(languageOf(undefined, { LANG: 'hr_HR.UTF-8' })).toBe('en')
  expect(languageOf('en', { LANG: 'hi_IN.UTF-8' })).toBe('en')
})
