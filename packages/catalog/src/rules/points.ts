import { canonicalJson, type HopError } from '@hoplab/core'
import type { CheckOf, CheckSpec, FieldExpectation } from '@hoplab/model'
import { HOP_LAB_POINTS_FREE } from '../errors.ts'
import type { LoadedLab } from '../loaded-lab.ts'
import { checksOf, pointAt } from './position.ts'
import { fieldAt, UntouchedLab } from './untouched.ts'

/**
 * No scored check that the untouched manifests already satisfy, as far as that can be read from them; `prove` sees the rest. Of a lab that begins with
 * planted faults no claim is made: which checks those turn red cannot be read from files.
 */
export function freePointProblems(lab: LoadedLab): HopError[] {
  if (lab.planted.length > 0) return []
  const untouched = new UntouchedLab(lab)
  const all = checksOf(lab)
  const byId = new Map(all.map(({ check }) => [check.id, check]))
  const green = (check: CheckSpec, waiting: readonly string[] = []): boolean => greenUntouched(check, untouched)
    && check.needs.every((id) => { const need = byId.get(id); return !need || waiting.includes(id) || green(need, [...waiting, id]) })
  return all.filter(({ check }) => check.points > 0 && green(check)).map(({ check, path }) => HOP_LAB_POINTS_FREE({
    problem: `The check "${check.id}" gives ${check.points} points for the untouched lab.`,
    fix: 'Give it 0 points, let it need a check that the learner must earn, or break the set-up.',
  }, pointAt(lab, lab.file, [...path, 'points'])))
}

function greenUntouched(check: CheckSpec, untouched: UntouchedLab): boolean {
  switch (check.kind) {
    case 'answer': return false
    case 'mesh': return untouched.leavesNodesAlone && untouched.answers({ pod: check.pods, port: check.port })
    case 'flow': return untouched.answers(check.to)
    case 'mtu': return untouched.has(check.from.pod) && untouched.has(check.to)
    case 'transfer': return untouched.answers(check.to)
    case 'reach': return untouched.answers(check.to)
    case 'source': return check.expect === 'client-pod' && untouched.leavesNodesAlone && untouched.answers(check.to)
    case 'distribution': return 'service' in check.to && untouched.replicasBehind(check.to) === check.backendCount
    case 'blocked': return 'nobody' in check.to && untouched.answers(check.control.to)
    case 'dns': return resolvesUntouched(check, untouched)
    case 'object': return objectUntouched(check, untouched)
    case 'affinity': return 'service' in check.to && untouched.replicasBehind(check.to) > 1 && fieldAt(untouched.object({ ...check.to, kind: 'Service', name: check.to.service }), 'spec.sessionAffinity') === 'ClientIP'
    case 'endpoints': return listedUntouched(check, untouched)
    case 'hairpin': return 'service' in check.to && untouched.replicasBehind(check.to) === 1
    case 'rules': return untouched.replicasBehind(check) > 0
    // That nobody stands behind a Service cannot be read from the manifests for sure.
    case 'refused': return false
    case 'negative': return false
    case 'namespace': return check.afterRestart === undefined && untouched.has(check.pod)
    case 'addresses': return check.pods === undefined || (untouched.leavesNodesAlone && untouched.has(check.pods))
    case 'kube-proxy': return true
    // Pods of a cluster that has just been handed over reach the internet, unless one of the lab's keeps them from it.
    case 'egress': return untouched.leavesNodesAlone && (!('pod' in check.from) || untouched.has(check.from.pod))
    case 'cni-plugin': return true
    case 'route': return untouched.has(check.to)
    // On which nodes Pods are cannot be read from the manifests for sure.
    case 'capture': return false
    // Nor what an Ingress controller makes of Ingresses.
    case 'ingress': return false
    // Nor whether the kubelet's probe of a Pod asks over the network.
    case 'kubelet': return false
    // Which container gets a port, and which files there are, cannot be read from the manifests for sure.
    case 'localhost': return false
    case 'volume': return false
    // A cluster that has just been handed over forwards.
    case 'sysctl': return check.values === undefined
  }
}

function resolvesUntouched({ name: asked, expect }: CheckOf<'dns'>, untouched: UntouchedLab): boolean {
  const [name, namespace] = asked?.split('.') ?? []
  if ('nxdomain' in expect) return name === undefined || untouched.object({ kind: 'Service', name, namespace }) === undefined
  // The names of Pods' addresses follow from endpoints, which cannot be read from the manifests for sure.
  if ('podIpsOf' in expect || ('ptrOf' in expect && 'pod' in expect.ptrOf)) return false
  const ref = 'clusterIpOf' in expect ? expect.clusterIpOf : 'srvOf' in expect ? expect.srvOf : 'cnameOf' in expect ? expect.cnameOf : expect.ptrOf
  const found = 'service' in ref ? untouched.object({ kind: 'Service', name: ref.service, namespace: ref.namespace }) : undefined
  if (found === undefined || (name !== undefined && !asked?.startsWith('_') && name !== found.metadata.name)) return false
  if ('srvOf' in expect) return fieldAt(found, 'spec.clusterIP') !== 'None' && portsOf(found).some((port) => port.name === expect.srvOf.port)
  return 'cnameOf' in expect ? fieldAt(found, 'spec.type') === 'ExternalName' : fieldAt(found, 'spec.clusterIP') !== 'None'
}

const portsOf = (service: unknown): { name?: string }[] => (fieldAt(service, 'spec.ports') ?? []) as { name?: string }[]

function listedUntouched(check: CheckOf<'endpoints'>, untouched: UntouchedLab): boolean {
  const ports = fieldAt(untouched.object({ ...check, kind: 'Service', name: check.service }), 'spec.ports')
  const numbers = check.port === undefined ? (Array.isArray(ports) ? ports as { port: number }[] : []).map(({ port }) => port) : [check.port]
  const found = numbers.map((port) => untouched.replicasBehind({ ...check, port }))
  return found.length > 0 && found.every((count) => count > 0 && count === (check.backendCount ?? count))
}

function objectUntouched(check: CheckOf<'object'>, untouched: UntouchedLab): boolean {
  const object = untouched.object(check.object)
  return check.expect.every((expectation) => holds(expectation, fieldAt(object, expectation.path)))
}

function holds({ equals, length, exists }: FieldExpectation, value: unknown): boolean {
  if (exists !== undefined && exists !== (value !== undefined)) return false
  if (equals !== undefined && canonicalJson(equals) !== canonicalJson(value ?? null)) return false
  return length === undefined || (value !== null && typeof value === 'object' && Object.keys(value).length === length)
}
