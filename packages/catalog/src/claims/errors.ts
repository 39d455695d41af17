import { breach } from '../errors.ts'

/** A claim whose words the notes do not have, or have elsewhere. */
export const HOP_CLAIM_WORDS = breach('HOP_CLAIM_WORDS', 'A claim quotes whole lines of the notes word for word, and claims stand in the order of the notes.')
/** A line of the notes that is no heading, and that no claim quotes. */
export const HOP_CLAIM_UNCOVERED = breach('HOP_CLAIM_UNCOVERED', 'Every sentence of the notes is a claim, proven or open, or listed as a heading.')
/** A claim that is "proven" by what exists or by what a learner says. */
export const HOP_CLAIM_EXISTENCE = breach('HOP_CLAIM_EXISTENCE', 'That an object exists, or that a learner answers as expected, shows nothing of what the network does.')
/** A counter-case in which the check does not go red. */
export const HOP_CLAIM_UNREFUTED = breach('HOP_CLAIM_UNREFUTED', 'A check proves a claim only if there is a case in which it is declared to fail: in every proxy mode of a fault, in caughtBy of a near-miss.')
/** A number of open claims that is not the counted one. */
export const HOP_CLAIM_COUNT = breach('HOP_CLAIM_COUNT', 'The number is written down so that no claim is opened or closed unnoticed.')
