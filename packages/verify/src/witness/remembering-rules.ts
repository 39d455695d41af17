import { type Evidence } from '@hoplab/model'
import { plainLine } from '@hoplab/core'
import type { Round } from '../round.ts'
import { rulesCommand, serviceRules } from '../rules/read.ts'
import { describeRules, type ServiceRules } from '../rules/service-rules.ts'
import type { Destination } from '../scene/destination.ts'
import { clusterIpOf } from '../scene/services.ts'

/**
 * Whether the rules of a node remember clients of a Service, and have a choice: with `internalTrafficPolicy: Local`, or a rule that leads all to one
 * place, one Pod answers every time and nobody remembers anything. Undefined where it is not a ClusterIP that is dialled. Throws `Broken` when the rules cannot be read.
 */
export async function remembering(round: Round, node: string, { service, entry, addresses: [dialled], port, label }: Destination): Promise<{ evidence: Evidence; fault: string | undefined } | undefined> {
  if (!service || entry !== undefined || dialled === undefined || clusterIpOf(service) !== dialled) return undefined
  const virtual = { ip: dialled, port, protocol: 'TCP' as const }
  const rules = await serviceRules(round, node, virtual)
  const evidence: Evidence = { witness: 'kube-proxy', command: rulesCommand(round, node, virtual), observed: plainLine(`on ${node}: ${describeRules(rules)}${rules.remembers ? ', clients remembered' : ''}`, 300), expected: 'two endpoints or more, clients remembered' }
  return { evidence, fault: faultOf(rules, node, label) }
}

function faultOf({ end, targets, remembers }: ServiceRules, node: string, label: string): string | undefined {
  if (end !== 'balanced') return `On ${node} no rule of kube-proxy chooses an endpoint of ${label}, so it is not the Service that sends there.`
  if (targets.length < 2) return `On ${node} the rules lead to one endpoint of ${label} alone, so one that always answers shows nothing.`
  return remembers ? undefined : `On ${node} the rules of ${label} remember no client.`
}
