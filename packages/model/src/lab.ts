import { z } from 'zod'
import { checkSpec } from './check.ts'
import { cniName, proxyMode } from './cluster.ts'
import { cniOptions } from './cni-options.ts'
import { networksFit, networkValues } from './network-values.ts'
import { addonName } from './outside.ts'
import { verdict } from './result.ts'
import { seeded } from './seed.ts'
import { localized, slug } from './text.ts'
import { faultVerbList, verbList } from './verb.ts'

/** One of the three hints of a step, weakest first. */
export const hint = z.strictObject({
  /** Points that taking it costs. */
  cost: z.int().min(0),
  text: localized,
})
/** See {@link hint}. */
export type Hint = z.infer<typeof hint>

/** A question whose answer is graded with the step. */
export const question = z.strictObject({ key: slug, prompt: localized })
/** See {@link question}. */
export type Question = z.infer<typeof question>

/** One step of a lab. Its text stands in `steps/<text>.en.md` and `steps/<text>.hi-Latn.md`. */
export const step = z.strictObject({
  id: slug,
  title: localized,
  /** File name without language and ending, e.g. `01-service-answers`. */
  text: z.string().regex(/^[0-9]{2}-[a-z0-9-]+$/u, 'must look like "01-some-words"'),
  /** Steps that come first. */
  after: z.array(slug).default([]),
  hints: z.array(hint).length(3, 'must have exactly three levels'),
  questions: z.array(question).default([]),
  checks: z.array(checkSpec).min(1),
})
/** See {@link step}. */
export type Step = z.infer<typeof step>

/** Every key of `lab.yaml`. */
export const labKeys = z.strictObject({
  id: slug,
  /** Section of the revision notes that it teaches; 0 = the way in. */
  section: z.int().min(0).max(7),
  title: localized,
  summary: localized,
  minutes: z.int().min(1).max(240),
  /** Nodes the lab needs. One control plane always. */
  workers: z.int().min(0).max(5),
  proxyModes: z.array(proxyMode).min(1).default(['iptables', 'nftables']),
  /** CNIs the lab is proven on. */
  cnis: z.array(cniName).min(1),
  /** How those of them do their work that can do it in several ways: the lab is proven with these and no others. @default as the plugin does by itself */
  cniOptions: cniOptions.optional(),
  /** Ways in and out that the cluster is made with. */
  addons: z.array(addonName).default([]),
  /** Namespaces that belong to the lab; the first is the default of every reference. */
  namespaces: z.array(slug).min(1),
  /** Programs that solutions, submissions and faults may run on nodes. */
  nodeCommands: z.array(z.string()).default([]),
  /** What is called otherwise on each of the CNIs: `$network.NAME` in the lab's files is that of the cluster's. */
  networks: networkValues.optional(),
  /** What the seed decides. A lab without it is the same for every seed. */
  seed: seeded.optional(),
  steps: z.array(step).min(1),
})

/** Options are of CNIs that the lab is for: those of others would be for nothing. */
export const optionsFit = (lab: Pick<z.infer<typeof labKeys>, 'cnis' | 'cniOptions'>): boolean => Object.keys(lab.cniOptions ?? {}).every((name) => lab.cnis.some((cni) => cni === name))
/** What is wrong where they are not. */
export const optionsMisfit = { path: ['cniOptions'], message: 'must be of CNIs that "cnis" names' }

/** Ranges of Pods are of CNIs that give Pods one of their own: with the AWS VPC CNI they live in the network of the nodes, which the engine hands out. */
export const rangesFit = ({ cnis, seed }: Pick<z.infer<typeof labKeys>, 'cnis' | 'seed'>): boolean => seed?.ranges.pods === undefined || !cnis.includes('aws-vpc')
/** What is wrong where they are not. */
export const rangesMisfit = { path: ['seed', 'ranges', 'pods'], message: 'must not be there for aws-vpc, which "cnis" names: its Pods live in the network of the nodes' }

/** `lab.yaml`. */
export const labFile = labKeys.refine(optionsFit, optionsMisfit).refine(rangesFit, rangesMisfit).superRefine(networksFit)
/** See {@link labFile}. */
export type LabFile = z.infer<typeof labFile>

/** `case.yaml` of a solution or a near-miss. */
export const caseFile = z.strictObject({
  title: localized,
  /** Near-misses only: the checks that must catch it. */
  caughtBy: z.array(slug).optional(),
})
/** See {@link caseFile}. */
export type CaseFile = z.infer<typeof caseFile>

/** What checks must say while a fault is in. */
const declaration = {
  /** Verdict by check id. */
  expect: z.record(slug, verdict).default({}),
  /** Verdict of every check that `expect` does not name; without it, every check must be named. */
  otherwise: verdict.optional(),
  /**
   * First broken hop that red checks must name: a text for all that name any, several of which each must name one, or a text by check id. Word for
   * word, but `Service a/b` is meant with any of its ports.
   */
  firstBrokenHop: z.union([z.string().min(1), z.array(z.string().min(1)).min(1), z.record(slug, z.string().min(1))]).optional(),
}

/** `fault.yaml`: a breakage of a solved lab, its exact undo, and what every check must then say. */
export const faultFile = z.strictObject({
  title: localized,
  /** Where in the path it breaks, e.g. `service`, `dns`, `node`, `cni`. */
  layer: z.enum(['pod', 'cni', 'node', 'service', 'dns', 'object']),
  do: faultVerbList,
  /** Faults by name take themselves back (`auto`); what takes other verbs back must be written out. */
  undo: z.union([z.literal('auto'), verbList]).default('auto'),
  ...declaration,
  /** What is otherwise in one proxy mode. Its `expect` comes before the general one; both come before `otherwise`, its own first. */
  in: z.partialRecord(proxyMode, z.strictObject(declaration)).default({}),
  /** What is otherwise on one CNI, in any proxy mode. Comes before `in`, and its `otherwise` before every other. */
  on: z.partialRecord(cniName, z.strictObject(declaration)).default({}),
  /** Proxy modes in which it can be put in. */
  proxyModes: z.array(proxyMode).min(1).default(['iptables', 'nftables']),
  /** CNIs on which it can be put in. @default each of the lab's */
  cnis: z.array(cniName).min(1).optional(),
}).refine((fault) => fault.undo !== 'auto' || fault.do.every((verb) => 'fault' in verb),
  { path: ['undo'], message: 'must be written out: only faults by name take themselves back' })
/** See {@link faultFile}. */
export type FaultFile = z.infer<typeof faultFile>
