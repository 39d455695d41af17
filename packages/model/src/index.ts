export {
  answerTruth, type AnswerTruth, type CheckOf, checkSpec, type CheckSpec, fieldExpectation, type FieldExpectation,
} from './check.ts'
export { type Claim, claim, type ClaimProof, claimProof, type ClaimsFile, claimsFile, isOpen } from './claims.ts'
export {
  capability, type Capability, clusterFacts, type ClusterFacts, type ClusterNeeds, cniCapabilities, type CniCapabilities, cniName, type CniName, imageSource, type ImageSource, missingCapabilities, networkFacts, type NetworkFacts, nodeFacts, type NodeFacts, overlayFacts, type OverlayFacts, providerName,
  type ProviderName, proxyMode, type ProxyMode,
} from './cluster.ts'
export { type CalicoOptions, calicoOptions, chosenOptions, type CniOptions, cniOptions, type FlannelOptions, flannelOptions, optionsText, optionValues } from './cni-options.ts'
export { declaredHop, declaredVerdict, type FaultNetwork, isForNetwork } from './declared-verdict.ts'
export { faultAction, type FaultAction } from './fault-action.ts'
export { type FaultName, faultSettings, type FaultSettings, faultVerb, type FaultVerb } from './fault-verb.ts'
export { labEvent, type LabEvent } from './event.ts'
export { type GlossaryFile, glossaryFile } from './glossary.ts'
export { checkFields, probed } from './checks/fields.ts'
export { jsonSchemas } from './json-schema.ts'
export {
  caseFile, type CaseFile, faultFile, type FaultFile, hint, type Hint, labFile, type LabFile, question, type Question, step, type Step,
} from './lab.ts'
export {
  type MatrixAnswer, type MatrixColumn, type MatrixFindings, matrixResult, type MatrixResult, matrixSchemaVersion, type MatrixWay,
} from './matrix.ts'
export {
  checkResult, type CheckResult, evidence, type Evidence, labResult, type LabResult, mostLooks, pastLook, type PastLook, phaseResult, type PhaseResult, resultSchemaVersion,
  together, verdict, type Verdict,
} from './result.ts'
export {
  type AnyCheck, type CheckSchema, type CheckShape, checkSpecWith, HOP_CHECK_KIND_TAKEN, labFileWith, type LabFileWith, requireNewKinds,
} from './open-check.ts'
export { type NetworkValues, networkValues } from './network-values.ts'
export { type ClusterRanges, defaultRanges, rangeNames, seededRanges } from './ranges.ts'
export { savedLab, type SavedLab, savedLabVersion, savedStep, type SavedStep, spent, type Spent, spentOnStep, type SpentOnStep } from './saved-lab.ts'
export { defaultSeed, type Seeded, type SeedFault, place, seedName, seedText, type SeedValue } from './seed.ts'
export { addonName, type AddonName, outsideFacts, type OutsideFacts, addonsInside, ingressController, outsideMachines } from './outside.ts'
export { objectRef, type ObjectRef, podRef, type PodRef, probeOrigin, type ProbeOrigin, probeTarget, type ProbeTarget } from './target.ts'
export { type Language, languages, type Localized, localized, slug } from './text.ts'
export { brokenHop, type BrokenHop, packetEnds, type PacketEnds, traceHop, type TraceHop, traceResult, type TraceResult, traceSchemaVersion } from './trace.ts'
export { type Answers, answersFile, answerValue, faultVerbList, liveValue, type LiveValue, verb, type Verb, verbList } from './verb.ts'
