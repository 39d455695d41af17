/**
 * What the author of a check kind outside this repository works with; CONTRIBUTING.md shows how. Everything a look may use stands here:
 * the kind itself, places packets start and go, probes, witnesses, and the two ways to say no.
 */
export { checkFields, probed, probeOrigin, type ProbeOrigin, probeTarget, type ProbeTarget, podRef, type PodRef, objectRef, type ObjectRef, type Evidence } from '@hoplab/model'
/** The schema library, in the version that specs must be made with. */
export { z } from 'zod'
export { defineCheckKind, type KindDefinition, type OutsideKind } from './kinds/define.ts'
export { type Look, NotMet } from './kinds/look.ts'
export { Broken } from './probes/broken.ts'
export { type Tracked, describeTracked } from './probes/conntrack.ts'
export { controlEvidence, type ControlPath, controlPaths } from './probes/control.ts'
export { jsonOf, type Reading, textOf } from './probes/readings.ts'
export type { Connection, DnsAnswer, ProbeClass, ProbeFrom, ProbeRequest, ProbeResult, ServerView } from './probes/request.ts'
export type { Round } from './round.ts'
export { type Destination, destinationOf } from './scene/destination.ts'
export { fieldAt } from './scene/field.ts'
export type { EndpointSlice, Pod, Service } from './scene/kube-shapes.ts'
export { type Origin, originsOf, podOrigin, podsCommand } from './scene/origin.ts'
export { describePodRef, isBackend, isRunning, podAt, podName, podsOf, stateOf } from './scene/pods.ts'
export { clusterIpOf, type Endpoint, endpointsOf, serviceOf, slicesOf } from './scene/services.ts'
export type { Snapshot } from './scene/snapshot.ts'
export { isTrusted } from './scene/trust.ts'
export { normalIp } from './witness/address.ts'
export type { Answer } from './witness/answer.ts'
export { type Exchange, exchange } from './witness/exchange.ts'
export { exchangeEvidence, requireAnswered } from './witness/explain.ts'
export { ownAddresses } from './witness/node-addresses.ts'
export { type SourceSeen, sourcesSeen } from './witness/source.ts'
