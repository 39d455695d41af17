import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent, type RequestOptions, request as httpsRequest } from 'node:https'
import { type Deadline, messageOf } from '@hoplab/core'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { HOP_KUBE_UNREACHABLE, refused } from '../errors.ts'

/** One request to the API server. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  query?: Record<string, string | undefined>
  body?: unknown
  contentType?: string
  accept?: string
}

interface Answer { status: number; text: string }

/** One request may take this long even if the deadline allows more: a paused node accepts connections and never answers. Milliseconds. */
const requestBoundMs = 30_000
/** Answers that say something of the server and not of the request: 429 and all 5xx (RFC 9110 §15.6, RFC 6585 §4). */
const isNotNow = (status: number): boolean => status === 429 || status >= 500

/**
 * Sends JSON to one API server with the credentials of a kubeconfig, over connections that are kept.
 * Plain JSON both ways: the client library's own object API turns times into Date objects and drops fields its models do not know,
 * and a baseline must come back as it was.
 */
export class Transport implements Disposable {
  readonly server: string
  readonly #config: KubeConfig
  #options: Promise<RequestOptions> | undefined

  constructor(config: KubeConfig) {
    this.#config = config
    this.server = config.getCurrentCluster()?.server ?? 'https://127.0.0.1'
  }

  /** The answer's JSON, or undefined for 404 when `missingIsAnswer`. */
  async json(request: ApiRequest, deadline: Deadline, missingIsAnswer = false): Promise<unknown> {
    const answer = await this.#send(request, deadline)
    if (missingIsAnswer && answer.status === 404 && isMissingObject(answer.text)) return undefined
    if (answer.status >= 400) throw this.#failure(request, answer)
    return JSON.parse(answer.text) as unknown
  }

  [Symbol.dispose](): void {
    void this.#options?.then((options) => (options.agent as Agent).destroy())
  }

  async #send(request: ApiRequest, deadline: Deadline): Promise<Answer> {
    deadline.throwIfOver()
    using bound = deadline.remainingMs() > requestBoundMs ? deadline.child(`${request.method} ${request.path}`, requestBoundMs) : undefined
    try {
      return await this.#once(request, (bound ?? deadline).signal)
    } catch (error) {
      deadline.signal.throwIfAborted()
      throw HOP_KUBE_UNREACHABLE({ server: this.server, detail: bound?.signal.aborted ? 'No answer within 30 s.' : messageOf(error) }, { cause: error })
    }
  }

  async #once(request: ApiRequest, signal: AbortSignal, mayRepeat = true): Promise<Answer> {
    const body = request.body === undefined ? undefined : JSON.stringify(request.body)
    const url = new URL(this.server + request.path)
    for (const [key, value] of Object.entries(request.query ?? {})) if (value !== undefined) url.searchParams.set(key, value)
    const options = { ...(await this.#connection()), method: request.method, signal, headers: headersOf(request, body) }
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'http:' ? httpRequest : httpsRequest
      const sent = send(url, options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }))
      })
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // A kept connection that the server closed while it was idle says nothing about the server; POST alone is not safe to send again.
        const stale = sent.reusedSocket && error.code === 'ECONNRESET' && request.method !== 'POST'
        if (stale && mayRepeat) this.#once(request, signal, false).then(resolve, reject)
        else reject(error)
      })
      sent.end(body)
    })
  }

  async #connection(): Promise<RequestOptions> {
    this.#options ??= (async () => {
      const options: RequestOptions = {}
      await this.#config.applyToHTTPSOptions(options)
      const { ca, cert, key, servername, rejectUnauthorized } = options
      const tls = { ca, cert, key, ...(servername === undefined ? {} : { servername }), ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }) }
      const keep = { keepAlive: true, maxSockets: 8 }
      // Plain HTTP is what `kubectl proxy` offers.
      const agent = this.server.startsWith('http:') ? new HttpAgent(keep) : new Agent({ ...tls, ...keep })
      return { ...options, agent } as RequestOptions
    })()
    return this.#options
  }

  #failure(request: ApiRequest, answer: Answer): Error {
    const status = statusIn(answer.text)
    if (isNotNow(answer.status) && !isSchemaError(answer.status, status.message)) return HOP_KUBE_UNREACHABLE({ server: this.server, detail: `It answered ${answer.status}: ${status.message}` })
    return refused(`${request.method} ${request.path}`, answer.status, status.reason, status.message)
  }
}

function headersOf(request: ApiRequest, body: string | undefined): Record<string, string | number> {
  return {
    accept: request.accept ?? 'application/json',
    ...(body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
  }
}

/** Kubernetes answers errors with a Status object (API concepts, "Status"); anything else comes from something in between. */
function statusIn(text: string): { reason: string; message: string } {
  try {
    const status = JSON.parse(text) as { reason?: unknown; message?: unknown }
    return { reason: String(status.reason ?? ''), message: String(status.message ?? '') }
  } catch { return { reason: '', message: text.slice(0, 400) } }
}

/** Server-side apply reports a field that the schema does not have as 500 (Kubernetes' managedfields package returns it untyped): the request is at fault. */
const isSchemaError = (status: number, message: string): boolean => status === 500 && message.startsWith('failed to create typed patch object')

/** A 404 about an object, not about an unknown path ("404 page not found", plain text). */
const isMissingObject = (text: string): boolean => statusIn(text).reason === 'NotFound'
