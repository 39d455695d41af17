import { plainLine } from '@hoplab/core'
import { z } from 'zod'
import { Broken } from './broken.ts'
import { ConntrackTable, parseConntrack } from './conntrack.ts'
import { type Connection, type DnsAnswer, probeClasses, type ProbeRequest, type ProbeResult } from './request.ts'

// The program's side of this shape: packages/images/programs/internal/probe/request.go.
/** One batch on its way: what goes into the probe program, and what its output must then carry. */
export interface Batch { nonce: string; input: string; nonces: readonly string[]; requests: readonly ProbeRequest[] }

const text = z.string().default('')
const serverView = z.object({ pod: text, nonce: text, remote: text, local: text, bytes: z.number().default(0), sha256: text, lateMs: z.number().optional() })
const transfer = z.object({ sent: z.int(), sentSha256: z.string(), received: z.int(), receivedSha256: z.string(), announcedSha256: text, expectedSha256: z.string() })
const ping = z.object({ device: z.string(), deviceMtu: z.int(), pathMtu: z.int(), refused: text })
const datagram = z.object({ class: z.enum(probeClasses), nonce: z.string(), echo: serverView.nullish(), sentMs: z.number() })
const connection = z.object({
  class: z.enum(probeClasses), nonce: z.string(), local: z.string().optional(), sentFrom: z.string().optional(), status: z.int().optional(), errno: z.string().optional(), echo: serverView.nullish(),
  transfer: transfer.optional(), flow: z.array(datagram).optional(), ping: ping.optional(),
})
const dns = z.object({ server: text, rcode: text, name: text, truncated: z.boolean().default(false), answers: z.array(z.object({ name: text, type: z.string(), ttl: z.number(), data: z.string() })) })
const listener = z.object({ local: z.string(), container: z.string(), program: z.string(), pid: z.int() })
const resultLine = z.object({ id: z.string(), nonce: z.string(), class: z.enum(probeClasses), detail: text, connections: z.array(connection).default([]), dns: dns.optional(), listeners: z.array(listener).default([]) })
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
  const { lines, records } = cut(stdout)
  const end = endLine.safeParse(lines.pop())
  if (!end.success) throw broken('its output has no end')
  if (end.data.end !== batch.nonce) throw broken('its output ends with the mark of another batch')
  if (end.data.count !== batch.requests.length || lines.length !== batch.requests.length) throw broken(`it told of ${lines.length} probes (says ${end.data.count}), asked were ${batch.requests.length}`)
  const found = new Map(lines.map((line) => { const result = resultOf(line, batch); return [result.id, result] }))
  if (found.size !== lines.length) throw broken('it told twice of one probe')
  const opened = [...found.values()].flatMap(({ id, connections }) => connections.map(({ local }) => `${local} ${targetOf(batch.requests[Number(id)])}`))
  const table = new ConntrackTable(parseConntrack(records), opened)
  return batch.requests.map((request, index) => {
    const result = found.get(String(index))
    if (!result) throw broken('it left out a probe')
    return complete(toResult(result, table), request, batch.nonces[index] ?? '')
  })
}

/** The probe program's lines up to its end, and the kernel's records behind it up to theirs. No result line can begin like an end line. */
function cut(stdout: string): { lines: unknown[]; records: string } {
  const all = stdout.split('\n')
  const end = all.findIndex((line) => line.startsWith('{"end":'))
  const records = end === -1 ? [] : all.slice(end + 1)
  if (end !== -1 && records.splice(-2).join('\n') !== 'records-end\n') throw broken("the kernel's records behind it have no end")
  const stray = records.find((line) => !/^(?:tcp +6 \d+ [A-Z]|udp +17 \d+ src=)/u.test(line))
  if (stray !== undefined) throw broken(`its output goes on behind its end: ${plainLine(stray, 80)}`)
  return { lines: (end === -1 ? all : all.slice(0, end + 1)).filter((line) => line.trim() !== '').map(parseLine), records: records.join('\n') }
}

function resultOf(line: unknown, batch: Batch): z.infer<typeof resultLine> {
  const parsed = resultLine.safeParse(line)
  if (!parsed.success) throw broken(`a line of its output is no result: ${plainLine(JSON.stringify(line), 80)}`)
  if (parsed.data.nonce !== batch.nonces[Number(parsed.data.id)]) throw broken('a result does not carry the nonce of its probe')
  return parsed.data
}

const targetOf = (request: ProbeRequest | undefined): string => (request && 'target' in request ? `${request.target} ${request.kind === 'udp' ? 'udp' : 'tcp'}` : '')

/** A result that was carried out must have all its connections, or have given up for as many without an answer as it was allowed. */
function complete(result: ProbeResult, request: ProbeRequest, own: string): ProbeResult {
  if (result.class === 'ERROR' || request.kind === 'dns' || request.kind === 'listeners') return result
  if (result.connections.length !== request.count && !gaveUp(result, request)) throw broken(`it made ${result.connections.length} of ${request.count} connections`)
  if (result.connections.some(({ nonce }, index) => nonce !== `${own}.${index}`)) throw broken('a connection does not carry the nonce it was sent with')
  if ('datagrams' in request && result.connections.some((one) => !isWholeFlow(one, request.datagrams))) throw broken('a flow does not have the datagrams it was to have')
  const failed = result.connections.find((one) => one.class === 'ERROR')
  return failed ? { ...result, class: 'ERROR', detail: result.detail || 'a connection could not be tried' } : result
}

function gaveUp({ connections }: ProbeResult, request: ProbeRequest): boolean {
  if (!('giveUpAfter' in request) || request.giveUpAfter === undefined || connections.length > request.count) return false
  return connections.filter((one) => one.class === 'TIMEOUT').length >= request.giveUpAfter
}

/** A flow whose socket was made has all its datagrams; one whose socket was not has none. */
function isWholeFlow({ class: end, nonce, flow = [] }: Connection, asked: number): boolean {
  return flow.length === 0 ? end !== 'OK' : flow.length === asked && flow.every((one, index) => one.nonce === `${nonce}.${index}`)
}

function toResult({ class: how, detail, connections, dns: answer, listeners }: z.infer<typeof resultLine>, table: ConntrackTable): ProbeResult {
  return { class: how, table, listeners, detail: plainLine(detail, 200), dns: answer && toAnswer(how, answer), connections: connections.map(toConnection) }
}

function toConnection({ class: end, nonce, local, sentFrom, status, errno, echo, transfer: moved, flow, ping: pinged }: z.infer<typeof connection>): Connection {
  return {
    class: end, nonce, ...(local === undefined ? {} : { local }), ...(sentFrom === undefined ? {} : { sentFrom }), ...(status === undefined ? {} : { status }), ...(echo ? { server: echo } : {}),
    ...(errno === undefined ? {} : { errno }), ...(moved ? { transfer: moved } : {}), ...(pinged ? { ping: pinged } : {}),
    ...(flow ? { flow: flow.map(({ echo: said, ...rest }) => ({ ...rest, ...(said ? { server: said } : {}) })) } : {}),
  }
}

function toAnswer(how: ProbeResult['class'], { server, rcode, name, answers, truncated }: z.infer<typeof dns>): DnsAnswer {
  const ttls = answers.map(({ ttl }) => ttl)
  return {
    class: how, addresses: answers.filter(({ type }) => type === 'A').map(({ data }) => data), truncated,
    records: answers.map(({ name: owner, type, data }) => ({ name: owner, type, data })), server: plainLine(server, 80),
    ...(rcode === '' ? {} : { rcode: plainLine(rcode, 40) }), ...(name === '' ? {} : { name: plainLine(name, 255) }), ...(ttls.length === 0 ? {} : { ttl: Math.min(...ttls) }),
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
