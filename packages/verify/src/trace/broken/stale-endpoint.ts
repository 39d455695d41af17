import type { BrokenHop } from '@hoplab/model'
import type { Round } from '../../round.ts'
import type { Service } from '../../scene/kube-shapes.ts'
import { servingEndpoints } from '../../scene/services.ts'
import { type Snapshot, takeSnapshot } from '../../scene/snapshot.ts'
import type { Asked } from '../goal.ts'
import { lookAtNode } from '../node/look-script.ts'
import type { Told } from '../trace.ts'

/** The rules of the client's node chose an address that is no endpoint of the Service: kube-proxy has not followed the slices. @throws Broken when the node cannot be looked at */
export async function staleEndpointFault(round: Round, asked: Asked, told: Told): Promise<BrokenHop | undefined> {
  const { endpoint, client: { position } } = told
  const { name, service, port } = asked.goal
  if (!service || endpoint === undefined) return undefined
  const before = servingIn(round.snapshot, service, port)
  if (before.includes(endpoint)) return undefined
  // kube-proxy may know a new endpoint before us: only what the slices list neither before the request nor after it is stale.
  const now = servingIn(await takeSnapshot(round.view, round.deadline), service, port)
  if (now.includes(endpoint)) return undefined
  const silent = await proxyIsSilent(round, asked, told)
  return {
    hop: `kube-proxy on ${position}`, command: `hoplab kubectl -n ${service.metadata.namespace} get endpointslices -l kubernetes.io/service-name=${service.metadata.name}`,
    decidedBy: `on ${position} kube-proxy's rules lead to ${endpoint}, which is no endpoint of ${name}: its slices say ${now.join(', ') || 'none'}${silent ? '; kube-proxy does not answer its health port' : ''}`,
  }
}

/** Whether kube-proxy on the client's node does not say that it is well. @throws Broken when the node cannot be looked at */
export async function proxyIsSilent(round: Round, { origin, goal }: Asked, { client }: Told): Promise<boolean> {
  return !(await lookAtNode(round, origin.node, { to: goal.address, from: client.address, device: '' })).proxyAlive
}

const servingIn = (snapshot: Snapshot, service: Service, port: number): string[] =>
  [...new Set(servingEndpoints(snapshot, service, port).map((one) => `${one.ip}:${one.port}`))].sort()
