import { plainLine } from '@hoplab/core'
import { z } from 'zod'
import { Broken } from './broken.ts'
import { probeClasses, type ProbeRequest, type ProbeResult } from './request.ts'

/** One batch on its way: what goes into the probe program, and what its output must then carry. */
export interface Batch { nonce: string; input: string; nonces: readonly string[]; requests: readonly ProbeRequest[] }

const text = z.string().default('')
const serverView = z.object({ echo: z.literal(1), pod: text, nonce: text, remote: text, local: text })
const connection = z.object({
  class: z.enum(probeClasses), nonce: text, local: z.string().optional(), status: z.int().optional(), body: serverView.nullish().catch(undefined),
})
const resultLine = z.object({
  id: z.string(), class: z.enum(probeClasses), detail: text, connections: z.array(connection).default([]),
  rcode: z.string().optional(), answers: z.array(z.string()).optional(), name: z.string().optional(), server: z.string().optional(), ttl: z.number().optional(),
})
const endLine = z.strictObject({ end: z.string(), count: z.int() })

/** Gives every request its id and nonce. */
export function encodeBatch(requests: readonly ProbeRequest[]): Batch {
  const nonce = crypto.randomUUID()
  const nonces = requests.map(() => crypto.randomUUID())
  const probes = requests.map((request, index) => ({ id: String(index), nonce: nonces[index], ...request }))
  return { nonce, nonces, requests, input: JSON.stringify({ batch: nonce, probes }) }
}

/**
 * Results in the order of the requests. Output counts only whole: every line a result, each asked one exactly once, and the batch's own end line
 * with the right number. Anything else throws {@link Broken}: never a pass, never a fail.
 */
export function parseBatch(stdout: string, batch: Batch): ProbeResult[] {
  const lines = stdout.split('\n').filter((line) => line.trim() !== '').map(parseLine)
  const end = endLine.safeParse(lines.pop())
  if (!end.success) throw broken('its output has no end')
  if (end.data.end !== batch.nonce) throw broken('its output ends with the mark of another batch')
  if (end.data.count !== batch.requests.length || lines.length !== batch.requests.length) throw broken(`it told of ${lines.length} probes (says ${end.data.count}), asked were ${batch.requests.length}`)
  const results = new Map<string, ProbeResult>()
  for (const line of lines) {
    const parsed = resultLine.safeParse(line)
    if (!parsed.success) throw broken(`a line of its output is no result: ${plainLine(JSON.stringify(line), 80)}`)
    if (results.has(parsed.data.id)) throw broken('it told twice of one probe')
    results.set(parsed.data.id, toResult(parsed.data))
  }
  return batch.requests.map((request, index) => {
    const result = results.get(String(index))
    if (!result) throw broken('it left out a probe')
    return complete(result, request)
  })
}

/** A result that was carried out must have all its connections. */
function complete(result: ProbeResult, request: ProbeRequest): ProbeResult {
  if (result.class === 'ERROR' || request.kind === 'dns') return result
  if (result.connections.length !== request.count) throw broken(`it made ${result.connections.length} of ${request.count} connections`)
  const failed = result.connections.find((one) => one.class === 'ERROR')
  return failed ? { ...result, class: 'ERROR', detail: result.detail || 'a connection could not be tried' } : result
}

function toResult({ class: how, detail, connections, rcode, answers, name, server, ttl }: z.infer<typeof resultLine>): ProbeResult {
  const dns = rcode === undefined && answers === undefined ? undefined
    : { class: how, addresses: answers ?? [], ...(rcode === undefined ? {} : { rcode }), ...(name === undefined ? {} : { name }), ...(server === undefined ? {} : { server }), ...(ttl === undefined ? {} : { ttl }) }
  return {
    class: how, detail: plainLine(detail, 200), dns: dns,
    connections: connections.map((one) => ({
      class: one.class, nonce: one.nonce, ...(one.local === undefined ? {} : { local: one.local }), ...(one.status === undefined ? {} : { status: one.status }),
      ...(one.body ? { server: one.body } : {}),
    })),
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw broken(`a line of its output is not JSON: ${plainLine(line, 80)}`)
  }
}

const broken = (why: string): Broken => new Broken(`The probe program cannot be believed: ${why}.`, { hopeless: true })
