import type { FakeLab, Printed } from '../testing/index.ts'
import { demand, demandVerdict } from './demand.ts'
import { type KindContract, look, programsRun } from './subject.ts'
import type { TestApi } from './test-api.ts'

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gu
const noise = 'é\u202E\u001B[2J\u0000'.repeat(2 ** 17)
const cutAt = (part: number) => ({ stdout, ...rest }: Printed): Printed => ({ ...rest, stdout: stdout.slice(0, Math.floor(stdout.length * part)) })

/** Ways in which what a program printed does not arrive as it was printed. */
const spoilt: Readonly<Record<string, (printed: Printed) => Printed>> = {
  'a program is missing': () => ({ exitCode: 127, stdout: '', stderr: 'sh: not found' }),
  'a program among several is missing': (printed) => ({ ...printed, stdout: withoutPrograms(printed.stdout) }),
  'a program was killed': () => ({ exitCode: 137, stdout: '', stderr: '' }),
  'a program prints nothing': ({ exitCode }) => ({ exitCode, stdout: '', stderr: '' }),
  'output is cut after a quarter': cutAt(0.25),
  'output is cut in half': cutAt(0.5),
  'output is cut shortly before its end': ({ stdout, ...rest }) => ({ ...rest, stdout: stdout.slice(0, -8) }),
  'output carries the marks of another look': ({ stdout, ...rest }) => ({ ...rest, stdout: stdout.search(uuid) >= 0 ? stdout.replaceAll(uuid, crypto.randomUUID()) : '' }),
  'output is a mebibyte of noise': (printed) => ({ ...printed, stdout: noise }),
  'a mebibyte of noise stands before the output': ({ stdout, ...rest }) => ({ ...rest, stdout: `${noise}\n${stdout}` }),
}

/** In the output of several programs: each printed nothing and ended with 127. What one program printed alone becomes nothing. */
function withoutPrograms(stdout: string): string {
  const ends = [...stdout.matchAll(/\n(hoplab-[0-9a-f-]{36}) (\d+|end)\n/gu)]
  return ends.length === 0 ? '' : ends.map(([, mark, end]) => (end === 'end' ? `${mark} end\n` : `\n${mark} 127\n`)).join('')
}

/** Our own failure is inconclusive: never a pass, never held against the learner. */
export function harnessPromises(contract: KindContract, { test }: TestApi): void {
  test('is inconclusive when the API server does not answer', async () => {
    const refuse = () => Promise.reject(new Error('connect ECONNREFUSED'))
    const { result } = await look(contract, { spoil: (lab) => { Object.assign(lab.kube, { list: refuse, get: refuse }) } })
    demandVerdict(result, 'inconclusive', 'when the API server does not answer')
  })
  if (contract.programs === false) return
  for (const [name, spoil] of Object.entries(spoilt)) {
    test(`is inconclusive when ${name}`, async () => {
      const { result } = await look(contract, { spoil: (lab) => rewrite(lab, spoil) })
      demandVerdict(result, 'inconclusive', `when ${name}`)
    })
  }
  test('is inconclusive when the toolboxes are gone', async () => {
    const { result } = await look(contract, { spoil: (lab) => { for (const { name } of lab.nodes) lab.goneToolboxes.add(name) } })
    demandVerdict(result, 'inconclusive', 'when the toolboxes are gone')
  })
  test('does not fail when a toolbox dies in the middle of a look, nor passes when it dies at the first program', async () => {
    const healthy = await look(contract)
    const count = Math.min(programsRun(healthy.lab).length, 8)
    for (let died = 1; died <= count; died += 1) {
      const { result } = await look(contract, { spoil: (lab) => dieAt(lab, died) })
      demand(result.verdict === 'inconclusive' || (died > 1 && result.verdict === 'pass'), `A toolbox that dies at program ${died} must not decide the check`, `${result.verdict}: ${result.why}`)
    }
  })
}

/** From the program of this number on, toolboxes do not answer. The barrier's own programs are left alone. */
function dieAt(lab: FakeLab, number: number): void {
  let ran = 0
  rewrite(lab, (printed) => {
    ran += 1
    if (ran >= number) throw new Error('toolbox is gone')
    return printed
  })
}

/** Puts `change` behind what programs print, except for those of the sync barrier. */
function rewrite(lab: FakeLab, change: (printed: Printed) => Printed): void {
  const before = lab.rewrite
  lab.rewrite = (node, argv, printed) => (argv[3] === 'canary' ? before(node, argv, printed) : change(before(node, argv, printed)))
}
