import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { finished } from 'node:stream/promises'
import { type Deadline, plainLine } from '@hoplab/core'
import type { BytePipe } from '@hoplab/core/node'
import { HOP_PORT_TAKEN } from '../../../errors.ts'

/** A port of this machine whose connections lead somewhere else. Disposing it, like the end of its deadline, closes the port and ends every connection. */
export interface LocalForward extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number
}

/** What {@link forwardLocally} needs. */
export interface LocalForwardSpec {
  /** On 127.0.0.1; 0 = one that is free. */
  port: number
  /**
   * Whether the first byte of a client, which is waited for, tells TLS from anything else. Then a server that speaks before its client is never heard.
   * @default false: every connection is carried at once
   */
  tellsTls?: boolean
  /** Starts what carries one connection. */
  carrier(isTls: boolean): BytePipe
  /** Told why a connection ended that its client had not ended. */
  lost(why: string): void
}

/** First byte of a TLS record that begins a handshake (RFC 8446 §5.1). No HTTP request begins with it. */
const tlsHandshake = 22

/** Listens at a port of 127.0.0.1 alone and carries its connections until it is disposed or the deadline ends. @throws HOP_PORT_TAKEN */
export async function forwardLocally(spec: LocalForwardSpec, deadline: Deadline): Promise<LocalForward> {
  deadline.throwIfOver()
  const server = createServer({ allowHalfOpen: true })
  const open = new Map<Socket, Promise<void>>()
  server.on('connection', (socket) => { open.set(socket, carry(socket, spec).finally(() => open.delete(socket))) })
  const port = await listening(server, spec.port)
  const end = async (): Promise<void> => {
    deadline.signal.removeEventListener('abort', onAbort)
    server.close()
    const ending = [...open.values()]
    for (const socket of open.keys()) socket.destroy()
    await Promise.all(ending)
  }
  const onAbort = (): void => { void end() }
  deadline.signal.addEventListener('abort', onAbort, { once: true })
  return { port, [Symbol.asyncDispose]: end }
}

async function listening(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    throw HOP_PORT_TAKEN({ port, said: (error as NodeJS.ErrnoException).code ?? String(error) }, { cause: error })
  }
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : port
}

/** Carries one connection to its end. */
async function carry(socket: Socket, { tellsTls = false, carrier, lost }: LocalForwardSpec): Promise<void> {
  const closed = new Promise<void>((resolve) => { socket.once('close', () => resolve()) })
  // A client that resets its connection ends it, and that is all it says.
  socket.on('error', () => {})
  const first = tellsTls ? await Promise.race([firstByte(socket), closed]) : undefined
  if (tellsTls && first === undefined) { socket.destroy(); return }
  const pipe = carrier(first === tlsHandshake)
  socket.pipe(pipe.input)
  pipe.output.pipe(socket)
  // What the program does once its client has left tells nothing of the connection.
  const byItself = await Promise.race([closed.then(() => false), finished(pipe.output).then(() => true, () => true)])
  socket.destroySoon()
  await Promise.all([pipe.end(), closed])
  const { exitCode, stderr } = await pipe.ended
  if (byItself && exitCode !== 0) lost(plainLine(stderr.trim().split('\n').at(-1) ?? '', 200) || `what carried it ended with ${exitCode}`)
}

/** Undefined when the client ends without a word. */
async function firstByte(socket: Socket): Promise<number | undefined> {
  await once(socket, 'readable').catch(() => {})
  const chunk = socket.read() as Buffer | null
  if (chunk) socket.unshift(chunk)
  return chunk?.[0]
}
