import { type ExitCode, defineError, plainLine, type Raise } from '@hoplab/core'

const state = 'Nothing was created or changed.'
const exitCode: ExitCode = 2
const list = (items: readonly string[]): string => items.join(', ')

/** A seed that cannot be typed again without quotes, or that is too long to be shown. */
export const HOP_SEED_INVALID = defineError<{ seed: string }>('HOP_SEED_INVALID', {
  exitCode, state,
  what: (p) => `"${plainLine(p.seed, 80)}" is no seed.`,
  why: 'A seed is 1 to 64 letters, digits, dots, dashes or underscores.',
  fix: 'Write e.g. "--seed 7", or leave it out.',
})

/** No lab is called that. */
export const HOP_LAB_UNKNOWN = defineError<{ asked: string; known: readonly string[]; near?: string | undefined }>('HOP_LAB_UNKNOWN', {
  exitCode, state,
  what: (p) => `There is no lab "${plainLine(p.asked, 80)}".${p.near ? ` Did you mean "${p.near}"?` : ''}`,
  why: (p) => (p.known.length > 0 ? `The labs are: ${list(p.known)}.` : 'No folder like "00-name" with a lab.yaml was found.'),
  fix: (p) => (p.near ? `Type "${p.near}", or run "hoplab labs".` : 'Run "hoplab labs" to see what there is.'),
})

/** A file that another one names, or that every lab has, is not there. */
export const HOP_LAB_FILE_MISSING = defineError<{ file: string; neededFor: string }>('HOP_LAB_FILE_MISSING', {
  exitCode, state,
  what: (p) => `"${plainLine(p.file, 160)}" does not exist.`,
  why: (p) => `It is needed ${p.neededFor}.`,
  fix: (p) => `Write "${plainLine(p.file, 160)}", or correct its name where it is used.`,
})

/** Bytes that are not UTF-8. */
export const HOP_LAB_NOT_UTF8 = defineError<{ file: string; offset: number; byte: number }>('HOP_LAB_NOT_UTF8', {
  exitCode, state,
  what: (p) => `"${p.file}" is not UTF-8.`,
  why: (p) => `Byte ${p.offset} (0x${p.byte.toString(16).padStart(2, '0')}) cannot stand there.`,
  fix: (p) => `Save it as UTF-8: iconv -f WINDOWS-1252 -t UTF-8 "${p.file}" -o new && mv new "${p.file}"`,
})

/** Text that no YAML reader takes. */
export const HOP_LAB_YAML = defineError<{ file: string; problem: string; tab: boolean }>('HOP_LAB_YAML', {
  exitCode, state,
  what: (p) => `"${p.file}" is not valid YAML.`,
  why: (p) => (p.tab ? 'A tab is used to indent; YAML allows only spaces there (YAML 1.2.2, §6.1).' : plainLine(p.problem)),
  fix: (p) => (p.tab ? 'Replace the tab by spaces.' : 'Correct the line that is named.'),
})

/** A key that nothing reads. */
export const HOP_LAB_KEY_UNKNOWN = defineError<{ file: string; key: string; near?: string | undefined }>('HOP_LAB_KEY_UNKNOWN', {
  exitCode, state,
  what: (p) => `"${plainLine(p.key, 60)}" is not known here.${p.near ? ` Did you mean "${p.near}"?` : ''}`,
  why: 'A key that nothing reads would be ignored in silence, so it is refused.',
  fix: (p) => (p.near ? `Write "${p.near}".` : 'Remove it; the JSON Schemas in labs/schema list what is known.'),
})

/** A value of the wrong type or out of its range. */
export const HOP_LAB_VALUE_INVALID = defineError<{ file: string; field: string; problem: string }>('HOP_LAB_VALUE_INVALID', {
  exitCode, state,
  what: (p) => `"${plainLine(p.field, 120)}" in "${p.file}" ${p.problem}.`,
  why: 'The file does not follow its schema in labs/schema.',
  fix: (p) => `Correct "${plainLine(p.field, 120)}".`,
})

/** Steps or checks that wait for one another. */
export const HOP_LAB_CYCLE = defineError<{ sort: 'steps' | 'checks'; cycle: readonly string[] }>('HOP_LAB_CYCLE', {
  exitCode, state,
  what: (p) => `The ${p.sort} ${p.cycle.join(' → ')} come after one another in a circle.`,
  why: 'None of them could ever be first.',
  fix: (p) => `Take one of them out of "${p.sort === 'steps' ? 'after' : 'needs'}".`,
})

/** A name that points to nothing in the lab. */
export const HOP_LAB_REFERENCE_UNKNOWN = defineError<{ sort: string; name: string; known: readonly string[]; near?: string | undefined }>('HOP_LAB_REFERENCE_UNKNOWN', {
  exitCode, state,
  what: (p) => `There is no ${p.sort} "${plainLine(p.name, 60)}".${p.near ? ` Did you mean "${p.near}"?` : ''}`,
  why: (p) => `The lab has ${p.known.length > 0 ? list(p.known) : 'none'}.`,
  fix: (p) => `Name a ${p.sort} of the lab.`,
})

/** Two of a sort with one name. */
export const HOP_LAB_ID_DUPLICATE = defineError<{ sort: string; id: string }>('HOP_LAB_ID_DUPLICATE', {
  exitCode, state,
  what: (p) => `The ${p.sort} "${p.id}" exists twice.`,
  why: 'Results and answers are kept by this name.',
  fix: 'Rename the second one.',
})

/** Something a rule of the catalog forbids; one code per rule, so that each has its own page. */
type Breach = { problem: string; fix: string }
export const breach = (code: string, why: string): Raise<Breach> =>
  defineError<Breach>(code, { exitCode, state, what: (p) => p.problem, why, fix: (p) => p.fix })

/** A step that cannot be read in every language. */
export const HOP_LAB_UNTRANSLATED = breach('HOP_LAB_UNTRANSLATED', 'Every lab can be read in every language (en, hi-Latn).')
/** A check that a fault does not declare. */
export const HOP_LAB_EXPECT_INCOMPLETE = breach('HOP_LAB_EXPECT_INCOMPLETE', 'A fault proves a check only when it says what that check must find.')
/** A program outside the lab's `nodeCommands`. */
export const HOP_LAB_COMMAND_DENIED = breach('HOP_LAB_COMMAND_DENIED', 'Only programs listed under nodeCommands in lab.yaml may be run on nodes.')
/** A node that the lab's cluster does not have. */
export const HOP_LAB_NODE_UNKNOWN = breach('HOP_LAB_NODE_UNKNOWN', 'Nodes are named by position: control-plane, worker-1, worker-2, ….')
/** A way in or out that the lab's cluster is not made with. */
export const HOP_LAB_ADDON_MISSING = breach('HOP_LAB_ADDON_MISSING', 'Packets from and to the outside need machines beside the nodes, which are made with the cluster: lab.yaml names them under "addons".')
/** A check that would pass also while nothing works. */
export const HOP_LAB_CHECK_UNCONTROLLED = breach('HOP_LAB_CHECK_UNCONTROLLED', 'That nothing is there proves something only beside what is: an Ingress controller that has not read its rules yet has nothing for any host.')
/** An object that does not belong to the lab. */
export const HOP_LAB_NAMESPACE_FOREIGN = breach('HOP_LAB_NAMESPACE_FOREIGN', 'A lab, a solution and a submission change only namespaces that lab.yaml lists.')
/** A manifest that is no Kubernetes object. */
export const HOP_LAB_MANIFEST_INVALID = breach('HOP_LAB_MANIFEST_INVALID', 'Every document is one Kubernetes object with apiVersion, kind and metadata.name.')
/** An image that is not one of ours, or that carries a tag. */
export const HOP_LAB_IMAGE_FOREIGN = breach('HOP_LAB_IMAGE_FOREIGN', 'Labs run without a registry: only images that every source provides exist, under a tag that the engine fills in.')
/** A near-miss that says nothing of what catches it. */
export const HOP_LAB_UNCAUGHT = breach('HOP_LAB_UNCAUGHT', 'A near-miss names the checks that must not pass it, else it proves nothing.')
/** Too few solutions, near-misses or faults. */
export const HOP_LAB_UNPROVEN = breach('HOP_LAB_UNPROVEN', 'A lab is finished with two right answers, three near-misses and three faults.')
/** A question without a check that grades it, or the other way round. */
export const HOP_LAB_QUESTION_UNGRADED = breach('HOP_LAB_QUESTION_UNGRADED', 'Every question is graded by one answer check of its step.')
/** Points for nothing. */
export const HOP_LAB_POINTS_FREE = breach('HOP_LAB_POINTS_FREE', 'An untouched lab scores 0: a scored check needs the change or the answer of the learner.')
/** A place that no seed fills. */
export const HOP_LAB_PLACE_UNKNOWN = breach('HOP_LAB_PLACE_UNKNOWN', 'Every $seed.NAME in a lab stands for something that its seed decides.')
/** Paragraphs of a step for some networks that are not marked as such. */
export const HOP_LAB_PARAGRAPHS = breach('HOP_LAB_PARAGRAPHS', 'Paragraphs for some networks stand between "::: NAMES" and ":::", each in a line of its own.')
/** A draw that leaves places empty. */
export const HOP_LAB_SEED_UNEVEN = breach('HOP_LAB_SEED_UNEVEN', 'Whatever the seed draws, the lab is whole.')
/** A case that does nothing. */
export const HOP_LAB_CASE_EMPTY = breach('HOP_LAB_CASE_EMPTY', 'A case changes or answers something: steps.yaml, manifests/, kustomization.yaml or answers.yaml.')
/** A part of kustomization.yaml that is not read. */
export const HOP_LAB_KUSTOMIZATION = breach('HOP_LAB_KUSTOMIZATION', 'Cases are applied as data without kustomize: only resources and namespace are read.')
/** A file that nothing reads. */
export const HOP_LAB_FILE_UNREAD = breach('HOP_LAB_FILE_UNREAD', 'A file that nothing reads was most likely meant to be read: its name or the place that should name it is wrong.')
