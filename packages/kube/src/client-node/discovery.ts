import type { Deadline } from '@hoplab/core'
import type { ResourceType } from '../port.ts'
import type { Transport } from './transport.ts'

interface DiscoveredResource { resource: string; responseKind?: { kind: string }; scope: string; verbs: string[] }
interface DiscoveredGroup { metadata?: { name?: string }; versions?: { version: string; resources?: DiscoveredResource[] }[] }

/** Aggregated discovery (KEP-3352, stable since Kubernetes 1.30): all groups in one answer instead of one request per group. */
const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'

/** Everything the API server offers, without sub-resources: two requests. */
export async function discover(transport: Transport, deadline: Deadline): Promise<ResourceType[]> {
  const answers = await Promise.all(['/api', '/apis'].map((path) => transport.json({ method: 'GET', path, accept }, deadline)))
  return answers.flatMap((answer) => ((answer as { items?: DiscoveredGroup[] }).items ?? []).flatMap(typesOf))
}

function typesOf(group: DiscoveredGroup): ResourceType[] {
  const name = group.metadata?.name ?? ''
  return (group.versions ?? []).flatMap(({ version, resources = [] }) => resources.map((resource) => ({
    apiVersion: name === '' ? version : `${name}/${version}`,
    kind: resource.responseKind?.kind ?? '',
    plural: resource.resource,
    namespaced: resource.scope === 'Namespaced',
    verbs: resource.verbs,
  })))
}
