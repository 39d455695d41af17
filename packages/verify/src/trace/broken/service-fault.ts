import type { BrokenHop } from '@hoplab/model'
import type { Round } from '../../round.ts'
import { optionOf } from '../rules/iptables.ts'
import { risenText } from '../rules/matching.ts'
import { serviceRuleCommand } from '../rules/service-rule.ts'
import type { Asked } from '../goal.ts'
import { hasOwnNetwork } from '../stages.ts'
import type { Told } from '../trace.ts'
import type { Seen } from '../window.ts'
import { proxyIsSilent } from './stale-endpoint.ts'
import { droppedBy } from './forwarding.ts'

/** Why no endpoint was chosen for a request to a Service. Undefined when one was. @throws Broken when the node cannot be looked at */
export async function serviceFault(round: Round, asked: Asked, told: Told, seen: Seen): Promise<BrokenHop | undefined> {
  const { origin, goal } = asked
  if (!goal.service || told.endpoint !== undefined) return undefined
  const { position } = told.client
  const state = seen.nodes.get(origin.node)
  const { namespace, name } = goal.service.metadata
  // A slice lists a Pod that has no port of the asked name without that port, and kube-proxy passes it over.
  const usable = goal.endpoints.filter(({ port }) => port !== undefined)
  const refused = state?.risen.find(({ rule }) => rule.target === 'REJECT' && rule.chain.startsWith('KUBE-') && optionOf(rule, '-d') === `${goal.address}/32`)
  const slices = `hoplab kubectl -n ${namespace} get endpointslices -l kubernetes.io/service-name=${name}`
  if (usable.length === 0) {
    const lacking = goal.endpoints.length === 0 ? 'no ready endpoint' : `${goal.endpoints.length} ready endpoints, none of which has the port it asks for`
    return { hop: goal.name, decidedBy: `the Service has ${lacking}${refused ? `: ${risenText(refused)} on ${position}` : ', so its address is refused'}`, command: slices }
  }
  if (refused) return { hop: `kube-proxy on ${position}`, decidedBy: `on ${position} kube-proxy's rule still refuses ${goal.name}, as of a Service without endpoints, while its slices list ${usable.length}: ${risenText(refused)}`, command: slices }
  const dropped = droppedBy({ at: told.client, state, ends: { from: `${told.client.address}:0`, to: `${goal.address}:${goal.port}` }, led: usable.map(({ ip, port }) => `${ip}:${port}`), passed: hasOwnNetwork(told.client) ? 'FORWARD' : 'OUTPUT' })
  if (dropped) return dropped
  const command = serviceRuleCommand(round.view.networkFacts.proxyMode, position, goal.address)
  if (!told.rule) return { hop: `kube-proxy on ${position}`, decidedBy: `kube-proxy has written no rule for ${goal.name} (${goal.address}) on ${position}, so the packet keeps the address of the Service`, command }
  const { detached, service, targets } = told.rule
  // Where the rules are whole, the packet was lost before anybody saw which endpoint they chose.
  if (!detached && targets >= usable.length) return undefined
  if (!detached && await proxyIsSilent(round, asked, told)) return { hop: `kube-proxy on ${position}`, decidedBy: `on ${position} the chain ${service} leads to ${targets} of the Service's ${usable.length} endpoints, and kube-proxy does not answer its health port`, command }
  return {
    hop: `rule of ${goal.name} on ${position}`, command,
    decidedBy: detached ? `on ${position} nothing leads to the chain ${service} any more` : `on ${position} the chain ${service} leads to ${targets} of the Service's ${usable.length} endpoints`,
  }
}

/** Somebody refused: the server's own kernel, because nothing listens there. Not where the request is known not to have come so far: a rule on the way can write the same refusal (REJECT with tcp-reset). */
export function refusalFault({ goal }: Asked, told: Told): BrokenHop | undefined {
  const refusal = told.flow?.refusals.find(({ packet }) => packet.tcp?.rst === true)
  const server = told.server
  const short = told.gap?.proven === true && told.gap.direction === 'request'
  if (told.class !== 'REFUSED' || !refusal || !server || told.endpoint === undefined || short) return undefined
  const port = told.endpoint.slice(told.endpoint.lastIndexOf(':') + 1)
  return {
    hop: goal.name, command: `hoplab kubectl -n ${goal.service?.metadata.namespace ?? server.name.replace(/^Pod (.*)\/.*$/u, '$1')} get endpointslices,pods -o wide`,
    decidedBy: `${server.name} refuses port ${port}: nothing listens on ${told.endpoint}${goal.service ? ', which is where the Service sends requests (its targetPort)' : ''}`,
  }
}
