import { defineError, plainLine } from '@hoplab/core'

/** The command line could not be read. */
export const HOP_USAGE = defineError<{ said: string; fix: string }>('HOP_USAGE', {
  exitCode: 2,
  what: (p) => plainLine(p.said),
  why: 'The command line could not be understood.',
  fix: (p) => p.fix,
  state: 'Nothing was done.',
})

/** A name that cannot name a lab. */
export const HOP_LAB_NAME_INVALID = defineError<{ name: string }>('HOP_LAB_NAME_INVALID', {
  exitCode: 2,
  what: (p) => `"${plainLine(p.name, 60)}" cannot name a lab.`,
  why: 'A name has lower-case letters, digits and dashes, at most 30 of them: containers, networks and Nodes are called after it.',
  fix: 'Choose another, e.g. "--lab second".',
  state: 'Nothing was created.',
})

/** A new lab would have the name of another. */
export const HOP_LAB_EXISTS = defineError<{ id: string; folder: string }>('HOP_LAB_EXISTS', {
  exitCode: 2,
  what: (p) => `There already is a lab "${p.id}".`,
  why: (p) => `It is in ${plainLine(p.folder, 160)}.`,
  fix: 'Choose another name.',
  state: 'Nothing was created.',
})

/** No lab is up, so none can be meant. */
export const HOP_NO_LAB_UP = defineError<{ asked: string | undefined }>('HOP_NO_LAB_UP', {
  exitCode: 2,
  what: (p) => (p.asked === undefined ? 'No lab is up.' : `No lab called "${plainLine(p.asked, 60)}" is up.`),
  why: 'This command works in a lab that is up.',
  fix: 'Run "hoplab up first-packet"; "hoplab labs" lists what there is, "hoplab status" what is up.',
  state: 'Nothing was done.',
})

/** Several labs are up and none was named. */
export const HOP_LAB_AMBIGUOUS = defineError<{ up: readonly string[] }>('HOP_LAB_AMBIGUOUS', {
  exitCode: 2,
  what: (p) => `${p.up.length} labs are up: ${p.up.join(', ')}.`,
  why: 'This command works in one of them, and none was named.',
  fix: (p) => `Add "--lab ${p.up[0]}", or set HOPLAB_LAB.`,
  state: 'Nothing was done.',
})

/** Something this version does not have, or the lab does not support. */
export const HOP_NOT_OFFERED = defineError<{ what: string; offered: readonly string[] }>('HOP_NOT_OFFERED', {
  exitCode: 2,
  what: (p) => `${p.what} is not offered here.`,
  why: (p) => `Offered: ${p.offered.join(', ')}.`,
  fix: (p) => `Choose ${p.offered.join(' or ')}.`,
  state: 'Nothing was created.',
})

/** What is remembered of a lab cannot be read. */
export const HOP_PROGRESS_UNREADABLE = defineError<{ file: string; said: string }>('HOP_PROGRESS_UNREADABLE', {
  exitCode: 3,
  what: (p) => `The progress in ${p.file} cannot be read.`,
  why: (p) => plainLine(p.said),
  fix: 'Run "hoplab down", then "hoplab up" again; to keep your progress, mend the file first.',
  state: 'The file is kept as it is.',
})

/** Nothing was checked yet. */
export const HOP_NOTHING_CHECKED = defineError('HOP_NOTHING_CHECKED', {
  exitCode: 2, what: 'There is no evidence yet.', why: 'Nothing was checked since the lab was set up.', fix: 'Run "hoplab check".', state: 'Nothing was done.',
})

/** No check of that id is in the last result. */
export const HOP_CHECK_UNKNOWN = defineError<{ asked: string; known: readonly string[] }>('HOP_CHECK_UNKNOWN', {
  exitCode: 2,
  what: (p) => `The last result has no check "${plainLine(p.asked, 60)}".`,
  why: (p) => `It has: ${p.known.join(', ')}.`,
  fix: 'Use one of these ids, or run "hoplab check" first.',
  state: 'Nothing was done.',
})

/** No container engine answers, so no real cluster can be made. */
export const HOP_NO_ENGINE = defineError<{ looked: readonly string[]; starts: readonly string[] }>('HOP_NO_ENGINE', {
  exitCode: 3,
  what: 'No container engine answers, so no cluster can be made.',
  why: (p) => `Looked for:\n${p.looked.map((line) => `    - ${line}`).join('\n')}`,
  fix: (p) => `Start one, then type the command again:\n${p.starts.map((line) => `    - ${line}`).join('\n')}`,
  state: 'Nothing was created.',
})

/** `kubectl` inside the node cannot see files of this machine. */
export const HOP_KUBECTL_FILE = defineError<{ file: string }>('HOP_KUBECTL_FILE', {
  exitCode: 2,
  what: (p) => `kubectl runs inside the cluster here and cannot read "${plainLine(p.file, 120)}".`,
  why: 'There is no kubectl on the PATH of this machine.',
  fix: (p) => `Give the file on standard input: hoplab kubectl … -f - < ${plainLine(p.file, 120)}`,
  state: 'Nothing was done.',
})

/** The packets of a trace could not be written. */
export const HOP_PCAP_NOT_WRITTEN = defineError<{ file: string; said: string }>('HOP_PCAP_NOT_WRITTEN', {
  exitCode: 2,
  what: (p) => `The packets could not be written to ${plainLine(p.file, 200)}.`,
  why: (p) => plainLine(p.said, 200),
  fix: 'Name a file in a folder that exists and that you may write to.',
  state: 'The request was traced; its packets are gone.',
})

/** A way in that the lab was made without. */
export const HOP_WAY_MISSING = defineError<{ lab: string; addon: string; has: readonly string[] }>('HOP_WAY_MISSING', {
  exitCode: 2,
  what: (p) => `The lab "${p.lab}" has no ${p.addon}.`,
  why: (p) => `A lab names its ways in and out in its lab.yaml. This one has: ${p.has.join(', ') || 'none'}.`,
  fix: 'Open it in a lab that has one: "hoplab up internet-to-service", then "--lab internet-to-service" where several are up.',
  state: 'Nothing was done.',
})

/** The way in is there, and leads nowhere as the lab is now. */
export const HOP_NOTHING_TO_OPEN = defineError<{ said: string; why: string; fix: string }>('HOP_NOTHING_TO_OPEN', {
  exitCode: 2,
  what: (p) => plainLine(p.said),
  why: (p) => plainLine(p.why),
  fix: (p) => plainLine(p.fix),
  state: 'Nothing was opened.',
})
