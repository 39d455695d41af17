import { type Deadline, messageOf } from '@hoplab/core'
import type { Toolbox } from '../../port.ts'
import { type ControlPod, controlPort } from './control-pods.ts'

interface ProbeLine { id?: string; class?: string; detail?: string; end?: string; count?: number }

/** What one batch of probes of a node told: class per probe id, or why nothing can be told. */
type Batch = { results: Map<string, string> } | { broken: string }

/** What the cluster's own name must resolve to everywhere. */
const apiName = 'kubernetes.default.svc.cluster.local.'

/**
 * From the control Pod of `pod.node`: a request to every other control Pod, and a DNS question to the cluster's name server.
 * @returns one reason per thing that does not work; empty when all of it does
 */
export async function probeFromNode(toolbox: Toolbox, pod: ControlPod, others: readonly ControlPod[], deadline: Deadline): Promise<string[]> {
  const from = { podUid: pod.uid }
  const http = others.map((other) => ({ id: `http ${other.node}`, nonce: crypto.randomUUID(), from, kind: 'http', target: `${other.ip}:${controlPort}`, count: 1, timeoutMs: 1_500 }))
  const dns = { id: 'dns', nonce: crypto.randomUUID(), from, kind: 'dns', name: apiName, type: 'A', timeoutMs: 1_500 }
  const batch = await ask(toolbox, [...http, dns], deadline)
  if ('broken' in batch) return [`the probe on ${pod.node} could not be run: ${batch.broken}`]
  const wrong = [...batch.results].filter(([, result]) => result !== 'OK')
  return wrong.map(([id, result]) => (id === 'dns' ? `CoreDNS does not answer Pods on ${pod.node} (${result})` : `no request from ${pod.node} to ${id.slice(5)} (${result})`))
}

async function ask(toolbox: Toolbox, probes: readonly { id: string }[], deadline: Deadline): Promise<Batch> {
  const batch = crypto.randomUUID()
  try {
    const { exitCode, stdout, stderr } = await toolbox.exec(['hoplab-probe'], { deadline, input: JSON.stringify({ batch, probes }) })
    if (exitCode !== 0) return { broken: stderr || `exit code ${exitCode}` }
    return readBatch(stdout, batch, probes.length)
  } catch (error) {
    deadline.throwIfOver()
    return { broken: messageOf(error) }
  }
}

/** Output counts only whole: every line readable, and the batch's own end line with the right number. */
export function readBatch(stdout: string, batch: string, count: number): Batch {
  let lines: ProbeLine[]
  try { lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as ProbeLine) } catch { return { broken: 'its output is not JSON' } }
  const end = lines.pop()
  if (end?.end !== batch || end.count !== count || lines.length !== count) return { broken: 'its output ends early' }
  return { results: new Map(lines.map((line) => [line.id ?? '', line.class === 'OK' ? 'OK' : `${line.class}${line.detail ? `: ${line.detail}` : ''}`])) }
}
