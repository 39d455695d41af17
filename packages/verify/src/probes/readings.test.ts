import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { exec } from '@hoplab/core/node'
import { Deadline } from '@hoplab/core'
import { jsonOf, Readings, textOf } from './readings.ts'

/** The real script, run by this machine's own shell. */
const runs: string[] = []
const real = new Readings(async (_node, argv) => {
  using deadline = Deadline.start('script', 280_000)
  runs.push(argv.join(' '))
  return (await exec(argv[0] ?? '', argv.slice(1), { deadline })).stdout
})

describe('readings', () => {
  test('come back each with its own text and ending, by one exec', async () => {
    runs.length = 0
    const [plain, quoted, failed, missing, again] = await Promise.all([
      real.of('a', ['printf', 'one\ntwo\n']), real.of('a', ['printf', '%s', `a 'b' "c" $d ;`]), real.of('a', ['sh', '-c', 'echo half; exit 3']),
      real.of('a', ['no-such-program']), real.of('a', ['printf', 'one\ntwo\n']),
    ])
    expect([plain, quoted, failed, missing, again]).toEqual([
      { exitCode: 0, text: 'one\ntwo\n' }, { exitCode: 0, text: `a 'b' "c" $d ;` }, { exitCode: 3, text: 'half\n' }, { exitCode: 127, text: '' }, { exitCode: 0, text: 'one\ntwo\n' },
    ])
    expect(runs).toHaveLength(1)
  })
  test.each([
    ['cut in the middle', (text: string) => text.slice(0, -20)], ['empty', () => ''], ['without the end', (text: string) => text.replace(/[^\n]+ end\n$/u, '')],
    ['with another mark', (text: string) => text.replaceAll(/hoplab-[0-9a-f-]+/gu, 'hoplab-1')], ['with a reading too many', (text: string) => text + text],
  ])('are broken when the output is %s', async (_name, harm) => {
    const cut = new Readings(async (_node, argv) => {
      using deadline = Deadline.start('script', 280_000)
      return harm((await exec(argv[0] ?? '', argv.slice(1), { deadline })).stdout)
    })
    await expect(cut.of('a', ['echo', 'x'])).rejects.toThrow('did not arrive whole')
  })
  test('a missing, failing, endless or silent program is broken, and so is half a JSON', () => {
    expect(() => textOf({ exitCode: 127, text: '' }, 'routes')).toThrow('missing')
    expect(() => textOf({ exitCode: 124, text: 'x' }, 'routes')).toThrow('did not end')
    expect(() => textOf({ exitCode: 1, text: 'x' }, 'routes')).toThrow('ended with 1')
    expect(() => textOf({ exitCode: 0, text: ' \n' }, 'routes')).toThrow('nothing')
    expect(() => jsonOf({ exitCode: 0, text: '[{"a":' }, 'routes', z.array(z.object({ a: z.string() })))).toThrow('not what this program prints')
    expect(() => jsonOf({ exitCode: 0, text: '{"a":1}' }, 'routes', z.object({ a: z.string() }))).toThrow('not what this program prints')
    expect(jsonOf({ exitCode: 0, text: '{"a":"b"}\n' }, 'routes', z.object({ a: z.string() }))).toEqual({ a: 'b' })
  })
})
