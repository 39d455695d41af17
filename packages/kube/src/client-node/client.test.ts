import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { Deadline, HOP_INTERRUPTED, type HopError } from '@hoplab/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refusalOf } from '../errors.ts'
import type { KubeObject } from '../port.ts'
import { type ConnectedClient, connectWith } from './index.ts'

const map = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: 'default' }
const discovery = { items: [{ metadata: {}, versions: [{ version: 'v1', resources: [{ resource: 'configmaps', responseKind: { kind: 'ConfigMap' }, scope: 'Namespaced', verbs: ['get', 'list'] }] }] }] }
const status = (code: number, reason: string): object => ({ kind: 'Status', status: 'Failure', code, reason, message: `said ${reason}` })

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** An HTTP server that stands where an API server would; every test says what it answers. */
describe('client over HTTP', () => {
  let server: Server
  let kube: ConnectedClient
  let handler: Handler
  const deadline = Deadline.start('client', 280_000)
  const json = (response: ServerResponse, code: number, body: unknown): void => { response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body)) }
  beforeEach(async () => {
    server = createServer((request, response) => {
      if (request.url === '/api') json(response, 200, discovery)
      else if (request.url === '/apis') json(response, 200, { items: [] })
      else handler(request, response)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    kube = await connectWith(kubeconfigOf((server.address() as { port: number }).port))
  })
  afterEach(() => { kube[Symbol.dispose](); server.closeAllConnections(); server.close() })
  const thrownBy = (work: Promise<unknown>): Promise<HopError> => work.then(() => { throw new TypeError('nothing was thrown') }, (error: HopError) => error)

  test('a refusal carries status, reason and sentence', async () => {
    handler = (_request, response) => json(response, 403, status(403, 'Forbidden'))
    const error = await thrownBy(kube.get(map, deadline))
    expect(error.facts).toMatchObject({ code: 'HOP_KUBE_REFUSED', exitCode: 2 })
    expect(refusalOf(error)).toMatchObject({ status: 403, reason: 'Forbidden', message: 'said Forbidden' })
  })
  test('a missing object is undefined; a 404 that is not about an object is a refusal', async () => {
    handler = (_request, response) => json(response, 404, status(404, 'NotFound'))
    expect(await kube.get(map, deadline)).toBeUndefined()
    handler = (_request, response) => { response.writeHead(404).end('404 page not found') }
    expect((await thrownBy(kube.get(map, deadline))).code).toBe('HOP_KUBE_REFUSED')
  })
  test.each([429, 500, 502, 503, 504])('%i says something of the server, not of the request', async (code) => {
    handler = (_request, response) => json(response, code, status(code, 'InternalError'))
    expect((await thrownBy(kube.get(map, deadline))).facts).toMatchObject({ code: 'HOP_KUBE_UNREACHABLE', exitCode: 3 })
  })
  test('a field that the schema does not have is a refusal, though server-side apply says 500', async () => {
    handler = (_request, response) => json(response, 500, { ...status(500, ''), message: 'failed to create typed patch object (lab/a; /v1, Kind=Service): .spec.sellector: field not declared in schema' })
    expect((await thrownBy(kube.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } }, deadline))).facts).toMatchObject({ code: 'HOP_KUBE_REFUSED', why: expect.stringContaining('not declared in schema') })
  })
  test('nobody listening is unreachable', async () => {
    const gone = await connectWith(kubeconfigOf(9))
    expect((await thrownBy(gone.version(deadline))).code).toBe('HOP_KUBE_UNREACHABLE')
  })
  test('a silent server ends with the deadline, an interruption at once', async () => {
    handler = () => {}
    using short = deadline.child('short', 200)
    expect((await thrownBy(kube.get(map, short))).code).toBe('HOP_DEADLINE_EXCEEDED')
    const user = new AbortController()
    using interrupted = Deadline.start('user', 280_000, { signal: user.signal })
    const waiting = thrownBy(kube.get(map, interrupted))
    user.abort(HOP_INTERRUPTED())
    expect((await waiting).code).toBe('HOP_INTERRUPTED')
  })
  test('pages are followed, and what the server offers is asked once', async () => {
    const asked: string[] = []
    handler = (request, response) => {
      asked.push(request.url ?? '')
      const second = request.url?.includes('continue=next')
      json(response, 200, { items: [{ metadata: { name: second ? 'b' : 'a' } }], metadata: second ? {} : { continue: 'next' } })
    }
    const items = await kube.list({ apiVersion: 'v1', kind: 'ConfigMap', labelSelector: 'a=b' }, deadline)
    expect(items).toEqual(['a', 'b'].map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })))
    expect(asked).toEqual(['/api/v1/configmaps?limit=500&labelSelector=a%3Db', '/api/v1/configmaps?limit=500&continue=next&labelSelector=a%3Db'])
  })
  test('fields that no model knows come back untouched', async () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' }, newField: { deep: [1] } }
    handler = (_request, response) => json(response, 200, object)
    expect(await kube.get(map, deadline)).toEqual(object as KubeObject)
  })

  describe('exec', () => {
    const pod = { namespace: 'default', pod: 'p' }
    const serve = (frames: (socket: Duplex) => void): void => { server.once('upgrade', (request, socket) => { accept(request, socket); frames(socket) }) }

    test('output and the exit code of the status frame', async () => {
      serve((socket) => {
        send(socket, 1, 'out'); send(socket, 2, 'err')
        send(socket, 3, JSON.stringify({ status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '5' }] } }))
      })
      expect(await kube.exec(pod, ['x'], deadline)).toEqual({ exitCode: 5, stdout: 'out', stderr: 'err' })
    })
    test('a connection that drops after output is a cut, never an exit code', async () => {
      serve((socket) => { send(socket, 1, 'out'); setTimeout(() => socket.destroy(), 20) })
      expect((await thrownBy(kube.exec(pod, ['x'], deadline))).code).toBe('HOP_KUBE_EXEC_CUT')
    })
    test('a failure that is no exit code is a cut with the server\'s words', async () => {
      serve((socket) => send(socket, 3, JSON.stringify({ status: 'Failure', message: 'container not found' })))
      expect((await thrownBy(kube.exec(pod, ['x'], deadline))).facts).toMatchObject({ code: 'HOP_KUBE_EXEC_CUT', why: 'container not found' })
    })
    test('a silent server ends with the deadline', async () => {
      serve(() => {})
      using short = deadline.child('short', 200)
      expect((await thrownBy(kube.exec(pod, ['x'], short))).code).toBe('HOP_DEADLINE_EXCEEDED')
    })
    test('a server that does not upgrade refuses', async () => {
      handler = (_request, response) => json(response, 404, status(404, 'NotFound'))
      expect(refusalOf(await thrownBy(kube.exec(pod, ['x'], deadline)))?.status).toBe(404)
    })
  })
})

function kubeconfigOf(port: number): string {
  return JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'c', users: [{ name: 'u', user: {} }], contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
  })
}

/** Opening handshake of a web socket (RFC 6455 §4.2.2) with the newest exec protocol. */
function accept(request: IncomingMessage, socket: Duplex): void {
  const key = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n`)
}

/** One short binary frame, its first byte the stream's number. */
function send(socket: Duplex, stream: number, text: string): void {
  const payload = Buffer.concat([Buffer.from([stream]), Buffer.from(text)])
  socket.write(Buffer.concat([payload.length < 126 ? Buffer.from([0x82, payload.length]) : Buffer.from([0x82, 126, payload.length >> 8, payload.length & 255]), payload]))
}
