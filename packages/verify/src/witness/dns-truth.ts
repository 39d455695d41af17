import { plainLine } from '@hoplab/core'
import type { CheckOf } from '@hoplab/model'
import { NotMet } from '../kinds/look.ts'
import type { DnsType } from '../probes/request.ts'
import type { Round } from '../round.ts'
import { endpointLabel, namesOfPod, reverseName, serviceName } from '../scene/dns-names.ts'
import { fieldText } from './dns-said.ts'
import type { Pod, Service } from '../scene/kube-shapes.ts'
import { describePodRef, isBackend, podName, podsOf } from '../scene/pods.ts'
import { clusterIpOf, serviceOf, slicesOf } from '../scene/services.ts'

type Expect<K extends string> = Extract<CheckOf<'dns'>['expect'], Record<K, unknown>>

/** What DNS must say of one name, as the API has it now. */
export interface DnsTruth {
  /** As asked. */
  name: string
  type: DnsType
  /** Every record that must come; empty for a name that nobody has. */
  wanted: string[]
  /** Records that may come besides. Where `wanted` is empty, one of them must. */
  allowed?: string[]
  /** An address that nobody has, where names are asked by address. */
  unused?: 'cluster-ip' | 'pod-ip'
}

/** Everything that a check asks. Throws `NotMet` when what it names is not there. */
export function dnsTruths({ name, expect }: CheckOf<'dns'>, round: Round): DnsTruth[] {
  if ('nxdomain' in expect) return name === undefined ? [] : [{ name, type: 'A', wanted: [] }]
  if ('podIpsOf' in expect) return [{ name: name ?? '', type: 'A', wanted: backendsOf(round, expect.podIpsOf).flatMap((pod) => pod.status?.podIP ?? []).sort() }]
  if ('clusterIpOf' in expect) {
    const service = serviceAsked(round, expect.clusterIpOf)
    return [{ name: name ?? serviceName(service.metadata), type: 'A', wanted: [requireClusterIp(service)] }]
  }
  if ('srvOf' in expect) return [srvTruth(round, expect.srvOf, name)]
  if ('ptrOf' in expect) return ptrTruths(round, expect.ptrOf)
  const service = serviceAsked(round, expect.cnameOf)
  if (service.spec?.type !== 'ExternalName') throw new NotMet(`${label(service)} is of type ${plainLine(service.spec?.type ?? 'ClusterIP', 40)}, not ExternalName: it has no CNAME.`, [], label(service))
  return [{ name: name ?? serviceName(service.metadata), type: 'CNAME', wanted: [fieldText('CNAME', service.spec.externalName ?? '')] }]
}

const label = ({ metadata }: Service): string => plainLine(`Service ${metadata.namespace}/${metadata.name}`, 160)

function serviceAsked(round: Round, ref: { service: string; namespace?: string | undefined }): Service {
  const namespace = ref.namespace ?? round.defaultNamespace
  const service = serviceOf(round.snapshot, namespace, ref.service)
  if (!service) throw new NotMet(`There is no Service ${namespace}/${ref.service}.`)
  return service
}

function requireClusterIp(service: Service): string {
  const address = clusterIpOf(service)
  if (address === undefined) throw new NotMet(`${label(service)} has no ClusterIP.`)
  return address
}

function backendsOf(round: Round, ref: Expect<'podIpsOf'>['podIpsOf']): Pod[] {
  const pods = podsOf(round.snapshot, ref, round.defaultNamespace).filter(isBackend)
  if (pods.length === 0) throw new NotMet(`There is no Ready ${describePodRef(ref, round.defaultNamespace)}.`)
  return pods
}

/** A Service with ClusterIP is named itself, at its own port; a headless one's ready endpoints at theirs. */
function srvTruth(round: Round, ref: Expect<'srvOf'>['srvOf'], asked: string | undefined): DnsTruth {
  const service = serviceAsked(round, ref)
  const base = serviceName(service.metadata)
  const port = (service.spec?.ports ?? []).find(({ name }) => name === ref.port)
  if (!port) throw new NotMet(`${label(service)} has no port called ${ref.port}; it has ${plainLine((service.spec?.ports ?? []).map(({ name, port: number }) => name ?? number).join(', '), 200) || 'none'}.`, [], label(service))
  const name = asked ?? `_${ref.port}._${(port.protocol ?? 'TCP').toLowerCase()}.${base}`
  if (clusterIpOf(service) !== undefined) return { name, type: 'SRV', wanted: [`${base} port ${port.port}`] }
  const wanted = slicesOf(round.snapshot, service).flatMap(({ ports, endpoints }) => {
    const number = (ports ?? []).find((one) => one.name === ref.port)?.port
    // Pods that lack the named port stand in a slice without it.
    if (number === undefined) return []
    return (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses, hostname }) => addresses.map((address) => `${endpointLabel({ hostname, address })}.${base} port ${number}`))
  })
  if (wanted.length === 0) throw new NotMet(`${label(service)} is headless and has no ready endpoint with a port called ${ref.port} to name.`, [], label(service))
  return { name, type: 'SRV', wanted: [...new Set(wanted)].sort() }
}

function ptrTruths(round: Round, ref: Expect<'ptrOf'>['ptrOf']): DnsTruth[] {
  if ('service' in ref) {
    const service = serviceAsked(round, ref)
    return [{ name: reverseName(requireClusterIp(service)), type: 'PTR', wanted: [serviceName(service.metadata)], unused: 'cluster-ip' }]
  }
  return backendsOf(round, ref.pod).map((pod) => {
    const names = namesOfPod(round.snapshot, pod)
    if (names.length === 0) throw new NotMet(`No Service lists Pod ${podName(pod)}, so its address has no name.`, [], `Pod ${podName(pod)}`)
    const those = (promised: boolean): string[] => [...new Set(names.flatMap((one) => (one.promised === promised ? one.name : [])))].sort()
    return { name: reverseName(pod.status?.podIP ?? ''), type: 'PTR', wanted: those(true), allowed: those(false), unused: 'pod-ip' }
  })
}
