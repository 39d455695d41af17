import type { Round } from '../../round.ts'
import type { Pod, Service } from '../../scene/kube-shapes.ts'
import { type Origin, podOrigin } from '../../scene/origin.ts'
import { isRunning, podAt, podName, stateOf } from '../../scene/pods.ts'
import { clusterIpOf, endpointsOf, serviceOf } from '../../scene/services.ts'
import { normalIp } from '../../witness/address.ts'
import { HOP_TRACE_END_UNKNOWN, HOP_TRACE_END_UNUSABLE } from '../errors.ts'
import type { Asked, Goal } from '../goal.ts'
import { positionOf } from '../position.ts'
import { likely, readEnd, type Typed } from './typed.ts'

/** Both ends as typed. @throws HOP_TRACE_END_UNKNOWN, HOP_TRACE_END_UNUSABLE (exit 2) naming the argument */
export function askedEnds(round: Round, from: string, to: string): Asked {
  const origin = originOf(round, readEnd('FROM', from))
  return { origin, goal: goalOf(round, readEnd('TO', to), origin) }
}

function originOf(round: Round, typed: Typed): Origin {
  const positions = round.view.nodes.map(({ name }) => positionOf(round.view, name))
  const node = round.view.nodes.find(({ name }) => name === typed.name || positionOf(round.view, name) === typed.name)
  if (typed.kind === 'node' || (typed.kind === undefined && typed.namespace === undefined && node)) {
    if (!node) throw HOP_TRACE_END_UNKNOWN({ argument: typed.argument, typed: typed.text, missing: `node ${typed.name}`, known: positions, near: likely(typed.name, positions) })
    const position = positionOf(round.view, node.name)
    return { name: `node ${position}`, node: node.name, from: { node: true }, pod: undefined, at: (command) => `hoplab shell toolbox/${position}, then: ${command}` }
  }
  return podOrigin(runningPod(round, typed))
}

function goalOf(round: Round, typed: Typed, origin: Origin): Goal {
  const address = typed.kind === undefined ? normalIp(typed.name) : undefined
  if (address !== undefined) return addressGoal(round, typed, address)
  const namespace = typed.namespace ?? round.defaultNamespace
  const service = typed.kind === 'pod' ? undefined : serviceOf(round.snapshot, namespace, typed.name)
  if (service) return serviceGoal(round, typed, service, origin)
  if (typed.kind === 'service') throw unknown(round, typed, 'Service')
  const pod = runningPod(round, typed)
  const port = typed.port ?? onlyPort(typed, (pod.spec?.containers ?? []).flatMap(({ ports }) => (ports ?? []).map(({ containerPort }) => containerPort)))
  return podGoal(pod, port)
}

function podGoal(pod: Pod, port: number): Goal {
  const address = pod.status?.podIP ?? ''
  return { name: `Pod ${podName(pod)}:${port}`, address, port, service: undefined, asked: undefined, endpoints: [{ ip: address, port, node: pod.spec?.nodeName, pod: pod.metadata.name }] }
}

function serviceGoal(round: Round, typed: Typed, service: Service, origin: Origin): Goal {
  const { name, namespace = '' } = service.metadata
  const address = clusterIpOf(service)
  if (address === undefined) throw HOP_TRACE_END_UNUSABLE({ argument: typed.argument, typed: typed.text, said: 'is a Service without a ClusterIP; its name leads to Pods directly', fix: `Trace one of its Pods: "hoplab kubectl -n ${namespace} get pods -o wide".` })
  const port = typed.port ?? onlyPort(typed, (service.spec?.ports ?? []).map((entry) => entry.port))
  const asked = origin.pod === undefined ? undefined : origin.pod.metadata.namespace === namespace ? name : `${name}.${namespace}`
  return { name: `Service ${namespace}/${name}:${port}`, address, port, service, asked, endpoints: endpointsOf(round.snapshot, service, port) }
}

/** An address may be a Service's or a Pod's; then the trace knows more of the way. */
function addressGoal(round: Round, typed: Typed, address: string): Goal {
  const service = round.snapshot.services.find((one) => clusterIpOf(one) === address)
  const port = typed.port ?? onlyPort(typed, (service?.spec?.ports ?? []).map((entry) => entry.port))
  if (service) return { name: `Service ${service.metadata.namespace}/${service.metadata.name}:${port}`, address, port, service, asked: undefined, endpoints: endpointsOf(round.snapshot, service, port) }
  const pod = podAt(round.snapshot, address)
  if (pod) return podGoal(pod, port)
  const node = round.view.nodes.find((one) => one.address === address)
  return { name: `${address}:${port}`, address, port, service: undefined, asked: undefined, endpoints: node ? [{ ip: address, port, node: node.name, pod: undefined }] : [] }
}

/** By its name, or by the beginning of it up to a dash, as Deployments add letters. */
function runningPod(round: Round, typed: Typed): Pod {
  const namespace = typed.namespace ?? round.defaultNamespace
  const here = round.snapshot.pods.filter((pod) => pod.metadata.namespace === namespace)
  const pod = here.find(({ metadata }) => metadata.name === typed.name) ?? here.find((one) => one.metadata.name.startsWith(`${typed.name}-`) && isRunning(one))
  if (!pod) throw unknown(round, typed, typed.argument === 'TO' && typed.kind === undefined ? 'Service or Pod' : 'Pod')
  if (isRunning(pod)) return pod
  throw HOP_TRACE_END_UNUSABLE({ argument: typed.argument, typed: typed.text, said: `is not running: ${stateOf(pod)}`, fix: `See why: "hoplab kubectl -n ${namespace} describe pod ${pod.metadata.name}".` })
}

function unknown(round: Round, typed: Typed, sort: 'Pod' | 'Service' | 'Service or Pod') {
  const namespace = typed.namespace ?? round.defaultNamespace
  const objects = [...(sort === 'Pod' ? [] : round.snapshot.services), ...(sort === 'Service' ? [] : round.snapshot.pods)]
  const known = [...new Set(objects.filter(({ metadata }) => metadata.namespace === namespace).map(({ metadata }) => metadata.name))].sort()
  return HOP_TRACE_END_UNKNOWN({ argument: typed.argument, typed: typed.text, missing: `${sort} ${typed.name} in the namespace ${namespace}`, known, near: likely(typed.name, known) })
}

function onlyPort(typed: Typed, ports: readonly number[]): number {
  const [only] = ports
  if (only !== undefined && ports.length === 1) return only
  const said = ports.length === 0 ? 'names no port' : `names no port, and there are several: ${ports.join(', ')}`
  throw HOP_TRACE_END_UNUSABLE({ argument: typed.argument, typed: typed.text, said, fix: `Add one: "${typed.text}:${only ?? 80}".` })
}
