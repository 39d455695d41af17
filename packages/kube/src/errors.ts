import { defineError, HopError, plainLine } from '@hoplab/core'

/** The API server could not be asked: no connection, no answer in time, or an answer that tells of the server's own trouble (429, 5xx). */
export const HOP_KUBE_UNREACHABLE = defineError<{ server: string; detail: string }>('HOP_KUBE_UNREACHABLE', {
  exitCode: 3,
  what: (p) => `The API server at ${p.server} does not answer.`,
  why: (p) => plainLine(p.detail),
  fix: 'Run "hoplab status"; if the cluster is gone or stuck, run "hoplab up LAB --recreate".',
  state: 'What was sent before may or may not have been stored.',
})

/** The API server understood the request and said no. The numbers are in {@link refusalOf}. */
export const HOP_KUBE_REFUSED = defineError<{ request: string; status: number; reason: string; message: string }>('HOP_KUBE_REFUSED', {
  exitCode: 2,
  what: (p) => `The API server refused ${plainLine(p.request, 160)} with status ${p.status}${p.reason ? ` (${plainLine(p.reason, 40)})` : ''}.`,
  why: (p) => plainLine(p.message) || 'It gave no reason.',
  fix: 'Change the object so that the API server takes it, then try again.',
  state: 'Nothing was stored by this request.',
})

/** A command in a Pod whose end nobody saw. */
export const HOP_KUBE_EXEC_CUT = defineError<{ pod: string; detail: string }>('HOP_KUBE_EXEC_CUT', {
  exitCode: 3,
  what: (p) => `The connection to the command in Pod ${plainLine(p.pod, 120)} ended without its exit status.`,
  why: (p) => plainLine(p.detail),
  fix: 'Try again; if it stays so, run "hoplab status" and look whether the Pod is Running.',
  state: 'The command may or may not have run to its end.',
})

/** What the API server said when it refused: HTTP status, machine-readable reason (`NotFound`, `Conflict`, …), sentence. */
export class Refusal extends Error {
  readonly status: number
  readonly reason: string
  constructor(status: number, reason: string, message: string) {
    super(message)
    this.status = status
    this.reason = reason
  }
}

/** Makes the error of one refused request. */
export function refused(request: string, status: number, reason: string, message: string): HopError {
  return HOP_KUBE_REFUSED({ request, status, reason, message }, { cause: new Refusal(status, reason, message) })
}

/** The API server's words in a thrown `HOP_KUBE_REFUSED`; undefined for anything else. */
export function refusalOf(thrown: unknown): Refusal | undefined {
  return thrown instanceof HopError && thrown.cause instanceof Refusal ? thrown.cause : undefined
}
