import { PassThrough } from 'node:stream'
import { type Deadline, messageOf } from '@hoplab/core'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { WebSocketHandler } from '@kubernetes/client-node/dist/web-socket-handler.js'
import { HOP_KUBE_EXEC_CUT, HOP_KUBE_UNREACHABLE, refused } from '../errors.ts'

/** Which container. */
export interface ExecTarget { namespace: string; pod: string; container?: string }

/** How a command in a Pod ended. */
export interface ExecEnd { exitCode: number; stdout: string; stderr: string }

interface StatusFrame { status?: string; message?: string; reason?: string; details?: { causes?: { reason?: string; message?: string }[] } }
interface Socket { close(): void; terminate?(): void; addEventListener(type: 'close' | 'error', listener: (event: { code?: number; message?: string }) => void): void }

/** Bytes kept per stream; a program that prints more is cut, not our process. */
const keep = 16 * 1024 * 1024

/**
 * Runs argv in a container and waits for the server's status frame, which it sends after the last output.
 * The library's own exec resolves when the socket opens and never tells that a connection dropped; here a close without a status frame is
 * HOP_KUBE_EXEC_CUT, never an exit code.
 */
export async function execInPod(config: KubeConfig, target: ExecTarget, argv: readonly string[], deadline: Deadline): Promise<ExecEnd> {
  const output: Record<number, Buffer[]> = { 1: [], 2: [] }
  const sizes: Record<number, number> = { 1: 0, 2: 0 }
  const { promise, resolve } = Promise.withResolvers<StatusFrame | undefined>()
  // Own streams: the library would end our process's stdout when the server closes a stream (v5 protocol).
  const handler = new WebSocketHandler(config, undefined, { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() })
  const socket = await open(handler, target, argv, (stream, bytes) => {
    if (stream === WebSocketHandler.StatusStream) resolve(JSON.parse(bytes.toString('utf8')) as StatusFrame)
    const kept = output[stream]
    if (kept && (sizes[stream] ?? 0) < keep) { kept.push(Buffer.from(bytes)); sizes[stream] = (sizes[stream] ?? 0) + bytes.length }
    return true
  }, deadline)
  socket.addEventListener('close', () => resolve(undefined))
  socket.addEventListener('error', () => resolve(undefined))
  const onAbort = (): void => resolve(undefined)
  deadline.signal.addEventListener('abort', onAbort, { once: true })
  try {
    const status = await promise
    deadline.throwIfOver()
    if (!status) throw HOP_KUBE_EXEC_CUT({ pod: `${target.namespace}/${target.pod}`, detail: 'The connection closed before the status arrived.' })
    return { exitCode: exitCodeOf(status, target), stdout: text(output[1]), stderr: text(output[2]) }
  } finally {
    deadline.signal.removeEventListener('abort', onAbort)
    socket.terminate?.()
  }
}

const text = (chunks: Buffer[] | undefined): string => Buffer.concat(chunks ?? []).toString('utf8')

async function open(
  handler: WebSocketHandler, target: ExecTarget, argv: readonly string[], onData: (stream: number, bytes: Buffer) => boolean, deadline: Deadline,
): Promise<Socket> {
  const query = new URLSearchParams([['stdout', 'true'], ['stderr', 'true'], ...argv.map((word) => ['command', word] as [string, string])])
  if (target.container !== undefined) query.set('container', target.container)
  const path = `/api/v1/namespaces/${encodeURIComponent(target.namespace)}/pods/${encodeURIComponent(target.pod)}/exec?${query}`
  const opening = handler.connect(path, null, onData) as Promise<unknown> as Promise<Socket>
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(deadline.signal.reason)
  deadline.signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([opening, aborted.promise])
  } catch (error) {
    void opening.then((late) => late.terminate?.(), () => undefined)
    deadline.signal.throwIfAborted()
    throw notOpened(error, target)
  } finally { deadline.signal.removeEventListener('abort', onAbort) }
}

/** The socket library tells an HTTP refusal only in words: "Unexpected server response: 404". */
function notOpened(error: unknown, target: ExecTarget): Error {
  const message = messageOf((error as { error?: unknown }).error ?? (error as { message?: unknown }).message ?? error)
  const status = Number(/server response: (\d{3})/u.exec(message)?.[1] ?? 0)
  if (status >= 400 && status < 500) return refused(`exec in Pod ${target.namespace}/${target.pod}`, status, status === 404 ? 'NotFound' : '', message)
  return HOP_KUBE_UNREACHABLE({ server: 'exec', detail: message }, { cause: error })
}

/** Exit code from the status frame (remotecommand v4 and later): Success = 0, NonZeroExitCode carries it, anything else never ran. */
function exitCodeOf(status: StatusFrame, target: ExecTarget): number {
  if (status.status === 'Success') return 0
  const code = status.reason === 'NonZeroExitCode' ? status.details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message : undefined
  if (code !== undefined && /^\d+$/u.test(code)) return Number(code)
  throw HOP_KUBE_EXEC_CUT({ pod: `${target.namespace}/${target.pod}`, detail: status.message ?? 'The server reported a failure without words.' })
}
