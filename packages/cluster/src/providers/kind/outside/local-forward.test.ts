import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { Deadline, HOP_INTERRUPTED } from '@hoplab/core'
import { bytePipe } from '@hoplab/core/node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { forwardLocally } from './local-forward.ts'

let user: AbortController
let deadline: Deadline
let lost: string[]
beforeEach(() => { user = new AbortController(); deadline = Deadline.start('forward', 280_000, { signal: user.signal }); lost = [] })
afterEach(() => { deadline[Symbol.dispose]() })

/** Gives back what it gets, after its own name. */
const echo = (name: string) => bytePipe('sh', ['-c', `printf '%s:' ${name}; exec cat`])
const forward = (carrier: (isTls: boolean) => ReturnType<typeof bytePipe>, tellsTls = false) => forwardLocally({ port: 0, tellsTls, carrier, lost: (why) => lost.push(why) }, deadline)
const ask = async (port: number, said: string | Buffer): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  socket.end(said)
  return text(socket)
}
/** `refused`, or `open`. */
async function knock(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const answer = await once(socket, 'connect').then(() => 'open', () => 'refused')
  socket.destroy()
  return answer
}

test('each connection is carried by a program of its own, both ways and to its end', async () => {
  let begun = 0
  await using way = await forward(() => echo(`n${begun += 1}`))
  const answers = await Promise.all(['a', 'b', 'c'].map((said) => ask(way.port, said.repeat(100_000))))
  expect(answers.map((answer) => answer.slice(3, 5) + answer.length).sort()).toEqual(['aa100003', 'bb100003', 'cc100003'])
  expect([begun, lost]).toEqual([3, []])
})

test('a client that begins with TLS leads elsewhere, and nothing of what it said is lost', async () => {
  await using way = await forward((isTls) => echo(isTls ? 'tls' : 'plain'), true)
  expect(await ask(way.port, Buffer.from([22, 3, 1, 65]))).toBe('tls:\u0016\u0003\u0001A')
  expect(await ask(way.port, 'GET / HTTP/1.1')).toBe('plain:GET / HTTP/1.1')
})

test('without that, a server that speaks first is heard', async () => {
  await using way = await forward(() => echo('hello'))
  const socket: Socket = connect(way.port, '127.0.0.1')
  expect(String((await once(socket, 'data'))[0])).toBe('hello:')
  socket.destroy()
})

test('why a connection was lost is told, in one safe line', async () => {
  const way = await forward(() => bytePipe('sh', ['-c', String.raw`printf 'first\nE connect: \033[31mConnection refused\n' >&2; exit 1`]))
  expect(await ask(way.port, 'x')).toBe('')
  await way[Symbol.asyncDispose]()
  expect(lost).toEqual(['E connect: Connection refused'])
})

test('a client that leaves without a word begins nothing', async () => {
  await using way = await forward(() => { throw new Error('begun') }, true)
  const socket = connect(way.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
  await once(socket, 'close')
  expect(await knock(way.port)).toBe('open')
})

test('an interruption closes the port and ends what is open and who carries it', async () => {
  const pipes: ReturnType<typeof bytePipe>[] = []
  const way = await forward(() => { const pipe = echo('x'); pipes.push(pipe); return pipe })
  const socket = connect(way.port, '127.0.0.1')
  await once(socket, 'data')
  user.abort(HOP_INTERRUPTED())
  await once(socket, 'close')
  expect(await knock(way.port)).toBe('refused')
  await way[Symbol.asyncDispose]()
  expect(await Promise.all(pipes.map(({ ended }) => ended))).toEqual([{ exitCode: 0, stderr: '' }])
  expect(lost).toEqual([])
})

test('a port that somebody else has is refused with its number', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  await expect(forwardLocally({ port, carrier: () => echo('x'), lost: () => {} }, deadline)).rejects.toMatchObject({ code: 'HOP_PORT_TAKEN', exitCode: 2, message: `Port ${port} of 127.0.0.1 cannot be listened at.` })
  other.close()
})
