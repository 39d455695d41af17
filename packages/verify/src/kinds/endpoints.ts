import { plainLine } from '@hoplab/core'
import type { CheckOf, Evidence } from '@hoplab/model'
import type { Round } from '../round.ts'
import type { Pod, Service } from '../scene/kube-shapes.ts'
import { podsCommand } from '../scene/origin.ts'
import { isBackend, isRunning, podName, podsOf } from '../scene/pods.ts'
import { addressesOf, byController, portOn, readyAddresses, selectedPods, serviceOf, slicesOf } from '../scene/services.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/**
 * `endpoints`: the ready endpoints in a Service's EndpointSlices are exactly {address, port} of the Pods that should stand behind it.
 *
 * Witnesses: the slices (their controller's word) and the Pods (the kubelets' word on Ready, the Pod's own ports). What the nodes make of it is
 * `rules`. No control: no packet is sent.
 * Known false pass: the right number of endpoints at a wrong port (compared as {address, port}); 0 = 0 where a wrong selector picks nobody (at
 * least one is asked for); a hand-made slice beside a right one (refused unless `handMade`); a Pod that lacks the named port and is left out of both
 * sides (named). Known false fail: `ready` left out, which means ready; several slices, or one endpoint in two; a named port that is another number
 * in every Pod.
 */
export const endpoints: CheckKind<'endpoints'> = {
  async look(spec, round) {
    const service = serviceAsked(spec, round)
    const expected = expectedPods(spec, round, service)
    const ports = portsAsked(spec, service)
    const seen = ports.map((port) => comparePort({ spec, round, service, expected, port }))
    const evidence = [...seen.flatMap((one) => one.evidence), podEvidence(expected, service)]
    requireKeptUp(spec, round, service, evidence)
    for (const { fault } of seen) if (fault !== undefined) throw new NotMet(fault, evidence, label(service))
    return { state: 'green', nodes: [], evidence, why: `${label(service)} has exactly the endpoints it should: ${seen.map(({ text }) => text).join('; ')}.` }
  },
}

type Spec = CheckOf<'endpoints'>
type Port = NonNullable<NonNullable<Service['spec']>['ports']>[number]

const label = ({ metadata }: Service): string => plainLine(`Service ${metadata.namespace}/${metadata.name}`, 160)
const slicesCommand = ({ metadata }: Service): string => `hoplab kubectl -n ${metadata.namespace} get endpointslices -l kubernetes.io/service-name=${metadata.name} -o yaml`

function serviceAsked(spec: Spec, round: Round): Service {
  const namespace = spec.namespace ?? round.defaultNamespace
  const service = serviceOf(round.snapshot, namespace, spec.service)
  const name = `Service ${namespace}/${spec.service}`
  if (!service) throw new NotMet(`There is no ${name}.`, [{ witness: 'api', observed: 'no such Service', expected: name, command: `hoplab kubectl -n ${namespace} get services` }], name)
  if (service.spec?.type === 'ExternalName') throw new NotMet(`${name} is of type ExternalName: it is a name in DNS and has no endpoints.`, [], name)
  return service
}

/** The Pods that must be listed. `ready` is the kubelet's condition, not the slice's copy of it. */
function expectedPods(spec: Spec, round: Round, service: Service): Pod[] {
  const named = spec.backends && podsOf(round.snapshot, spec.backends, round.defaultNamespace)
  const chosen = named ?? selectedPods(round.snapshot, service)
  if (chosen === undefined) throw new NotMet(`${label(service)} has no selector, so nothing says which Pods stand behind it.`, [], label(service))
  const pods = chosen.filter(spec.unready ? isRunning : isBackend)
  const enough = spec.backendCount === undefined ? pods.length > 0 : pods.length === spec.backendCount
  if (enough) return pods
  const wanted = spec.backendCount ?? 'at least one'
  const selector = Object.entries(service.spec?.selector ?? {}).map(([key, value]) => `${key}=${value}`).join(',')
  const found = `${pods.length === 0 ? 'no' : pods.length} ${spec.unready ? 'running' : 'Ready'} Pod${pods.length === 1 ? '' : 's'}`
  throw new NotMet(`${label(service)} finds ${found}${named ? '' : ` by its selector ${plainLine(selector, 120)}`}; asked is ${wanted}.`, [podEvidence(pods, service)], label(service))
}

function portsAsked(spec: Spec, service: Service): (Port | undefined)[] {
  const ports = service.spec?.ports ?? []
  if (spec.port === undefined) return ports.length === 0 ? [undefined] : ports
  const port = ports.find((entry) => entry.port === spec.port)
  if (!port) throw new NotMet(`${label(service)} has no port ${spec.port}; it has ${ports.map((entry) => entry.port).join(', ') || 'none'}.`, [], label(service))
  return [port]
}

interface Compared { text: string; evidence: Evidence[]; fault: string | undefined }

function comparePort({ spec, round, service, expected, port }: { spec: Spec; round: Round; service: Service; expected: readonly Pod[]; port: Port | undefined }): Compared {
  const listed = listedAt(round, service, port)
  const wanted = new Map(expected.flatMap((pod) => listedAs(spec, pod, port, listed).map((endpoint) => [endpoint, pod] as const)))
  const lacking = [...wanted].filter(([endpoint]) => !listed.has(endpoint))
  const extra = [...listed.keys()].filter((endpoint) => !wanted.has(endpoint))
  const name = port === undefined ? 'addresses' : `port ${port.port}`
  const text = [...listed.keys()].sort().join(', ') || 'none'
  const evidence: Evidence[] = [{ witness: 'api', command: slicesCommand(service), observed: `${name}: ${plainLine(text, 300)}`, expected: plainLine([...wanted.keys()].sort().join(', ') || 'none', 300) }]
  return { text: `${name} → ${plainLine(text, 200)}`, evidence, fault: faultOf({ round, service, name, lacking, extra }) }
}

function faultOf({ round, service, name, lacking, extra }: { round: Round; service: Service; name: string; lacking: readonly (readonly [string, Pod])[]; extra: readonly string[] }): string | undefined {
  const [missing] = lacking
  if (missing) {
    const [endpoint, pod] = missing
    const elsewhere = extra.filter((one) => addressesOf(pod).some((ip) => one.startsWith(`${ip}:`)))
    const instead = elsewhere.length > 0 ? `, but at ${elsewhere.join(', ')}` : ''
    return `${label(service)}, ${name}: Pod ${podName(pod)} should be listed at ${endpoint} and is not${instead}.`
  }
  const [stranger] = extra
  if (stranger === undefined) return undefined
  const pod = round.snapshot.pods.find((candidate) => addressesOf(candidate).some((ip) => stranger.startsWith(`${ip}:`) || stranger === ip))
  const who = pod ? `Pod ${podName(pod)}${isBackend(pod) ? '' : ', which is not Ready'}` : 'no running Pod'
  const because = service.spec?.publishNotReadyAddresses ? ' (publishNotReadyAddresses is set)' : ''
  return `${label(service)}, ${name}: ${stranger} is listed and should not be; it is ${who}${because}.`
}

/** `ip:port` of every ready endpoint at one port of the Service; of a Service without ports the bare addresses. */
function listedAt(round: Round, service: Service, port: Port | undefined): Map<string, string> {
  return new Map(slicesOf(round.snapshot, service).flatMap((slice) => {
    if (port === undefined) return readyAddresses(slice).map((ip) => [ip, slice.metadata.name] as const)
    const target = (slice.ports ?? []).find((entry) => (entry.name ?? '') === (port.name ?? '') && (entry.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))
    return target === undefined ? [] : readyAddresses(slice).map((ip) => [`${ip}:${target.port ?? 'any'}`, slice.metadata.name] as const)
  }))
}

/** How this Pod should be listed. A Pod of two address families counts in each that the slices have, else by its first address. */
function listedAs(spec: Spec, pod: Pod, port: Port | undefined, listed: ReadonlyMap<string, string>): string[] {
  const number = port === undefined ? undefined : portOn(pod, spec.backendPort ?? port.targetPort ?? port.port, port.protocol)
  if (port !== undefined && number === undefined) throw new NotMet(`Pod ${podName(pod)} has no port called ${plainLine(String(spec.backendPort ?? port.targetPort), 60)}, so the Service cannot send to it.`, [], `Pod ${podName(pod)}`)
  const named = addressesOf(pod).map((ip) => (number === undefined ? ip : `${ip}:${number}`))
  const found = named.filter((endpoint) => listed.has(endpoint))
  return found.length > 0 ? found : named.slice(0, 1)
}

/** Slices that a controller does not keep up to date stay as they are when Pods come and go. */
function requireKeptUp(spec: Spec, round: Round, service: Service, evidence: Evidence[]): void {
  const stray = slicesOf(round.snapshot, service).find((slice) => slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] !== byController && readyAddresses(slice).length > 0)
  if (!stray || spec.handMade) return
  throw new NotMet(`EndpointSlice ${plainLine(stray.metadata.name, 100)} of ${label(service)} is not kept by the EndpointSlice controller: it will not follow the Pods.`, evidence, label(service))
}

function podEvidence(pods: readonly Pod[], service: Service): Evidence {
  const selector = Object.entries(service.spec?.selector ?? {}).map(([key, value]) => `${key}=${value}`).join(',')
  const observed = pods.map((pod) => `${podName(pod)} ${pod.status?.podIP ?? ''}`).join(', ') || 'no Pod'
  return { witness: 'kubelet', command: podsCommand(service.metadata.namespace ?? ''), observed: plainLine(observed, 300), expected: plainLine(selector ? `Pods with ${selector} that are Ready` : 'the Pods named in the check', 200) }
}
