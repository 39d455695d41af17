import { distance } from 'fastest-levenshtein'
import { HOP_TRACE_END_UNUSABLE } from '../errors.ts'

/** What was typed for one end, taken apart. */
export interface Typed {
  argument: 'FROM' | 'TO'
  /** As it was typed. */
  text: string
  kind: 'pod' | 'service' | 'node' | undefined
  namespace: string | undefined
  /** A name or an IPv4 address. */
  name: string
  port: number | undefined
}

const shape = /^(?:(?<kind>pod|pods|po|service|services|svc|node|nodes)\/)?(?:(?<namespace>[a-z0-9-]+)\/)?(?<name>[A-Za-z0-9.-]+)(?::(?<port>\d{1,5}))?$/u
const kinds: Record<string, Typed['kind']> = { pod: 'pod', pods: 'pod', po: 'pod', service: 'service', services: 'service', svc: 'service', node: 'node', nodes: 'node' }

/** Reads `pod/NAME`, `service/NAMESPACE/NAME:PORT`, `node/worker-1`, `NAME`, `IP:PORT`. @throws HOP_TRACE_END_UNUSABLE */
export function readEnd(argument: Typed['argument'], text: string): Typed {
  const { kind, namespace, name, port } = shape.exec(text)?.groups ?? {}
  const example = argument === 'FROM' ? 'Write pod/client, NAMESPACE/client or node/worker-1.' : 'Write service/hello:80, pod/hello:8080 or 10.96.0.1:443.'
  if (name === undefined) throw HOP_TRACE_END_UNUSABLE({ argument, typed: text, said: 'cannot be read', fix: example })
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) throw HOP_TRACE_END_UNUSABLE({ argument, typed: text, said: `has the port ${port}; ports go from 1 to 65535`, fix: example })
  if (argument === 'FROM' && port !== undefined) throw HOP_TRACE_END_UNUSABLE({ argument, typed: text, said: 'names a port, but a client gets its port by itself', fix: example })
  if (argument === 'FROM' && kind === 'service') throw HOP_TRACE_END_UNUSABLE({ argument, typed: text, said: 'is a Service, and no request starts in one', fix: example })
  return { argument, text, kind: kind === undefined ? undefined : kinds[kind], namespace, name, port: port === undefined ? undefined : Number(port) }
}

/** The known name that was most likely meant. Undefined when none is near: more than a third of its letters differ, and more than two. */
export function likely(asked: string, known: readonly string[]): string | undefined {
  const [best] = known.map((name) => ({ name, edits: distance(asked, name) })).toSorted((a, b) => a.edits - b.edits)
  return best && best.edits <= Math.max(2, Math.floor(asked.length / 3)) ? best.name : undefined
}
