import { buffer, text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { bytePipe } from './byte-pipe.ts'

test('bytes come through as they went in, whatever they are, and the end with them', async () => {
  const sent = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256))
  const pipe = bytePipe('cat', [])
  pipe.input.end(sent)
  expect(Buffer.compare(await buffer(pipe.output), sent)).toBe(0)
  expect(await pipe.ended).toEqual({ exitCode: 0, stderr: '' })
})

test('what the program says of its end is told; one that is not there is told as well', async () => {
  const refused = bytePipe('sh', ['-c', 'echo no way >&2; exit 7'])
  expect(await text(refused.output)).toBe('')
  expect(await refused.ended).toEqual({ exitCode: 7, stderr: 'no way' })
  expect((await bytePipe('no-such-program-of-hoplab', []).ended).exitCode).toBe(127)
})

test('a program that does not care for its input is ended all the same', async () => {
  const pipe = bytePipe('sh', ['-c', 'exec sleep 600'])
  await pipe.end()
  expect(await pipe.ended).toMatchObject({ exitCode: -1 })
})
