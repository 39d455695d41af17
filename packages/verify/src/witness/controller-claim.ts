import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import { NotMet } from '../kinds/look.ts'
import type { Round } from '../round.ts'
import { podAt, podName } from '../scene/pods.ts'
import type { Endpoint } from '../scene/services.ts'
import { isTrusted } from '../scene/trust.ts'
import { ipOf } from './address.ts'
import type { Answered, SaidByServer } from './controller.ts'

/** An answer, and the Service's endpoints by the API. */
export interface Claimed { answer: Answered; endpoints: readonly Endpoint[]; label: string; evidence: readonly Evidence[] }

/** What the server of an endpoint said, which the controller itself asked. Throws `NotMet` for any other answer, and for none. */
export function requireEndpoint(round: Round, { answer, endpoints, label, evidence }: Claimed): SaidByServer {
  const { url, server, nonce, question } = answer
  const fail = (why: string, hop?: string, staleForMs?: number): NotMet => new NotMet(why, [...evidence], hop, staleForMs)
  if (endpoints.length === 0) throw fail(`${label} has no endpoints, so the Ingress controller has nobody to ask for ${url}: ${answer.ended}.`, label, 0)
  if (answer.status === 404) throw fail(`The Ingress controller knows no rule for ${url}.`, 'Ingress rule')
  if (answer.status !== 200 || !server) throw fail(`${url} is not answered by ${label}: ${answer.ended}.`)
  if (server.nonce !== nonce) throw fail(`What answers ${url} does not give this request's nonce back.`)
  const endpoint = endpoints.find(({ ip, port }) => `${ip}:${port}` === server.local)
  if (!endpoint) throw fail(`${url} is answered at ${plainLine(server.local, 60)}, which is no endpoint of ${label}.`)
  const pod = podAt(round.snapshot, endpoint.ip)
  if (!pod || !isTrusted(pod, round.view.trustedImages)) throw fail(`The endpoint ${endpoint.ip} of ${label} is ${pod ? `Pod ${podName(pod)}, which does not run the lab's own server` : 'no running Pod'}, so what it says counts for nothing.`)
  if (ipOf(server.remote) !== question.controller.status?.podIP) throw fail(`Pod ${podName(pod)} was asked for ${url} from ${plainLine(server.remote, 60)}, not from the Ingress controller's ${question.controller.status?.podIP}.`)
  return server
}

/** Asks the same server from the controller's place in plain HTTP: what answers so has taken no TLS. */
export async function requirePlain(round: Round, { question: { controller } }: Answered, { local }: SaidByServer): Promise<Evidence> {
  const { connections: [connection] } = await round.batcher.ask(controller.spec?.nodeName ?? '', { kind: 'http', from: { podUid: controller.metadata.uid ?? '' }, target: local, count: 1, parallel: 1, timeoutMs: 2_000 })
  const evidence: Evidence = { witness: 'server', observed: `${local} asked by Pod ${podName(controller)} in plain HTTP: ${connection?.class ?? 'not asked'}`, expected: 'OK' }
  if (connection?.class !== 'OK' || connection.server?.nonce !== connection.nonce) throw new NotMet(`From the Ingress controller's place ${local} does not answer in plain HTTP: ${connection?.class ?? 'not asked'}.`, [evidence])
  return evidence
}
