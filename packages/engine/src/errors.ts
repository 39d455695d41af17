import { defineError, plainLine } from '@hoplab/core'

/** The lab is not up, or only half. */
export const HOP_LAB_NOT_HANDED_OVER = defineError<{ name: string }>('HOP_LAB_NOT_HANDED_OVER', {
  exitCode: 2,
  what: (p) => `The lab "${p.name}" is not set up.`,
  why: 'Its cluster may run, but the set-up never finished or belongs to another cluster.',
  fix: (p) => `Run "hoplab up ${p.name}".`,
  state: 'Nothing was changed.',
})

/** Workloads of the lab did not become ready before hand-over: never the learner's fault. */
export const HOP_LAB_NOT_SETTLED = defineError<{ name: string; reasons: readonly string[] }>('HOP_LAB_NOT_SETTLED', {
  exitCode: 3,
  what: (p) => `The workloads of "${p.name}" did not become ready.`,
  why: (p) => plainLine(p.reasons.join('; ')),
  fix: (p) => `Run "hoplab doctor" and "hoplab images list", then "hoplab up ${p.name} --recreate".`,
  state: 'The cluster is kept for a look at it; "hoplab down" removes it.',
})

/** `run` and `prove` need the lab's name for themselves. */
export const HOP_LAB_ALREADY_UP = defineError<{ name: string }>('HOP_LAB_ALREADY_UP', {
  exitCode: 2,
  what: (p) => `The lab "${p.name}" is up and somebody may be working in it.`,
  why: 'This command makes the lab anew and removes it at the end.',
  fix: (p) => `Give it another name with "--lab ${p.name}-2", or run "hoplab down --lab ${p.name}" first.`,
  state: 'Nothing was changed.',
})

/** The lab's own files changed since it was set up. */
export const HOP_LAB_CHANGED = defineError<{ name: string }>('HOP_LAB_CHANGED', {
  exitCode: 2,
  what: (p) => `"${p.name}" is up, but its manifests have changed since.`,
  why: 'Going on would mix two versions of the lab.',
  fix: (p) => `Run "hoplab up ${p.name} --recreate".`,
  state: 'Nothing was changed.',
})

/** The lab is up as another seed drew it. */
export const HOP_LAB_SEED_DIFFERS = defineError<{ name: string; lab: string; up: string; asked: string }>('HOP_LAB_SEED_DIFFERS', {
  exitCode: 2,
  what: (p) => `"${p.name}" is up with the seed "${p.up}", not "${p.asked}".`,
  why: 'This lab differs from seed to seed, and going on would grade another one than was set up.',
  fix: (p) => `Leave "--seed" out to go on, or run "hoplab up ${p.lab} --lab ${p.name} --seed ${p.asked} --recreate".`,
  state: 'Nothing was changed.',
})

/** Our own controls failed, so nothing can be said about the learner's work. Kept beside the evidence, never thrown. */
export const HOP_CHECKS_INCONCLUSIVE = defineError<{ checks: readonly string[] }>('HOP_CHECKS_INCONCLUSIVE', {
  exitCode: 3,
  what: (p) => `${p.checks.length} checks are inconclusive.`,
  why: (p) => plainLine(p.checks.join('; '), 1_000),
  fix: 'Run "hoplab doctor", then "hoplab check" again; if it stays so, "hoplab up LAB --recreate".',
  state: 'The lab is as it was; no points were taken.',
})

/** A change of a solution, near-miss, submission or fault could not be made. */
export const HOP_VERB_FAILED = defineError<{ verb: string; where: string; output: string }>('HOP_VERB_FAILED', {
  exitCode: 1,
  what: (p) => `"${plainLine(p.verb, 160)}" of ${p.where} could not be carried out.`,
  why: (p) => plainLine(p.output) || 'It said nothing.',
  fix: 'Look at the lab with "hoplab kubectl get all -A", mend the file or run "hoplab reset".',
  state: 'Earlier changes of the same list were made.',
})

/** A fault that cannot be put into this cluster. */
export const HOP_FAULT_NOT_OFFERED = defineError<{ where: string; lacks: string }>('HOP_FAULT_NOT_OFFERED', {
  exitCode: 2,
  what: (p) => `${p.where} cannot be put in here.`,
  why: (p) => `It needs ${p.lacks}.`,
  fix: 'Run "hoplab break" to see the faults of this lab, or bring the lab up in another way.',
  state: 'Nothing was changed.',
})

/** A fault twice at the same time. */
export const HOP_FAULT_IN = defineError<{ name: string }>('HOP_FAULT_IN', {
  exitCode: 2,
  what: (p) => `The fault "${p.name}" is in already.`,
  why: 'Put in twice, it could not be taken back exactly.',
  fix: (p) => `Run "hoplab break ${p.name} --undo" first.`,
  state: 'Nothing was changed.',
})

/** A fault that cannot be taken back because it is not in. */
export const HOP_FAULT_NOT_IN = defineError<{ name: string }>('HOP_FAULT_NOT_IN', {
  exitCode: 2,
  what: (p) => `The fault "${p.name}" is not in.`,
  why: 'It was never put into this lab, was taken back, or went with a reset.',
  fix: 'Run "hoplab break" to see which faults are in.',
  state: 'Nothing was changed.',
})

/** A program that the lab does not allow on its nodes. */
export const HOP_NODE_COMMAND_DENIED = defineError<{ program: string; allowed: readonly string[] }>('HOP_NODE_COMMAND_DENIED', {
  exitCode: 2,
  what: (p) => `"${plainLine(p.program, 60)}" may not be run on nodes of this lab.`,
  why: (p) => `The lab allows ${p.allowed.join(', ') || 'none'} (nodeCommands in lab.yaml).`,
  fix: 'Use one of those, or add the program to nodeCommands if you write the lab.',
  state: 'It was not run.',
})

/** No Pod to read an answer from, or to run a command in. */
export const HOP_POD_NOT_FOUND = defineError<{ pod: string; purpose: string }>('HOP_POD_NOT_FOUND', {
  exitCode: 1,
  what: (p) => `There is no running Pod ${plainLine(p.pod, 120)}.`,
  why: (p) => `It is needed ${p.purpose}.`,
  fix: 'Run "hoplab kubectl get pods -A" to see which there are.',
  state: 'Nothing was changed by this.',
})

/** A name that the lab does not have. */
export const HOP_NAME_UNKNOWN = defineError<{ sort: string; name: string; known: readonly string[] }>('HOP_NAME_UNKNOWN', {
  exitCode: 2,
  what: (p) => `This lab has no ${p.sort} "${plainLine(p.name, 60)}".`,
  why: (p) => (p.known.length > 0 ? `It has: ${p.known.join(', ')}.` : `It has no ${p.sort} at all.`),
  fix: (p) => (p.known.length > 0 ? `Use one of these names, e.g. "${p.known[0]}".` : 'Leave the argument out.'),
  state: 'Nothing was changed.',
})

/** All three hints are taken. */
export const HOP_NO_MORE_HINTS = defineError<{ step: string }>('HOP_NO_MORE_HINTS', {
  exitCode: 2,
  what: (p) => `All hints of step "${p.step}" are taken.`,
  why: 'A step has three.',
  fix: (p) => `Run "hoplab steps ${p.step}" to read the step and its hints again.`,
  state: 'No points were taken.',
})

/** Objects were put back, but something differs that cannot be put back in place. */
export const HOP_RECREATE_NEEDED = defineError<{ name: string; lab: string; differences: readonly string[] }>('HOP_RECREATE_NEEDED', {
  exitCode: 1,
  what: (p) => `recreate needed: ${plainLine(p.differences.join('; '), 600)}`,
  why: 'Kubernetes objects were put back, but this state of the cluster cannot be put back in place.',
  fix: (p) => `Run "hoplab up ${p.lab} --lab ${p.name} --recreate".`,
  state: 'The lab is up; what differs is named above.',
})

/** A case refers to something the cluster does not have. */
export const HOP_LIVE_VALUE_UNREADABLE = defineError<{ what: string; field: string }>('HOP_LIVE_VALUE_UNREADABLE', {
  exitCode: 1,
  what: (p) => `${plainLine(p.what, 120)} has no ${plainLine(p.field, 80)} to read.`,
  why: 'An answer or a patch takes its value from there, and the object does not exist or has no such field.',
  fix: 'Look at the object with "hoplab kubectl get … -o yaml", or mend the reference in answers.yaml or steps.yaml.',
  state: 'Earlier changes of the same case were made.',
})

/** A network that was asked for cannot be installed here. */
export const HOP_NETWORK_NOT_READY = defineError<{ cni: string; reasons: readonly { what: string; fix: string }[] }>('HOP_NETWORK_NOT_READY', {
  exitCode: 3,
  what: (p) => `${p.cni} cannot be installed here.`,
  why: (p) => plainLine(p.reasons.map(({ what }) => what).join(' '), 600),
  fix: (p) => [...new Set(p.reasons.map(({ fix }) => fix))].join(' '),
  state: 'Nothing was created.',
})

/** A program beside a node that must print something did not. */
export const HOP_NODE_UNREADABLE = defineError<{ node: string; command: string; said: string }>('HOP_NODE_UNREADABLE', {
  exitCode: 3,
  what: (p) => `"${p.command}" on ${p.node} printed nothing that can be read.`,
  why: (p) => plainLine(p.said, 300) || 'It said nothing.',
  fix: 'Run "hoplab doctor", then the command again.',
  state: 'The cluster that was being asked is removed; evidence of it is kept.',
})
