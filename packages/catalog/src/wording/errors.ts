import { breach } from '../errors.ts'

/** Devanagari in a Hinglish text. */
export const HOP_TEXT_SCRIPT = breach('HOP_TEXT_SCRIPT', 'Hinglish is Hindi in Latin script (hi-Latn).')
/** A word that the glossary refuses. */
export const HOP_TEXT_WORD = breach('HOP_TEXT_WORD', 'labs/glossary.yaml settles how Hinglish texts are worded and spelled.')
/** A term that stays English and is missing. */
export const HOP_TEXT_TERM = breach('HOP_TEXT_TERM', 'Terms under "stay" in labs/glossary.yaml are not translated.')
/** Code that one language has and the other has not. */
export const HOP_TEXT_CODE = breach('HOP_TEXT_CODE', 'Both languages show the same code: what is typed and what is printed does not depend on the language.')
/** A number that one language has and the other has not. */
export const HOP_TEXT_NUMBER = breach('HOP_TEXT_NUMBER', 'Both languages tell the same numbers.')
/** An object of the lab that one language names and the other does not. */
export const HOP_TEXT_OBJECT = breach('HOP_TEXT_OBJECT', 'Both languages speak of the same objects.')
/** A Hinglish text that is much shorter or longer than the English one. */
export const HOP_TEXT_LENGTH = breach('HOP_TEXT_LENGTH', 'A translation of 60 to 160 % of the original\'s length says the same; beyond that something is missing or added.')
/** A Hinglish step whose English text has changed. */
export const HOP_TEXT_STALE = breach('HOP_TEXT_STALE', 'The first line of a Hinglish step names the English text that it says the same as, by its hash.')
/** A glossary that asks for a word and refuses it. */
export const HOP_GLOSSARY_CONTRADICTION = breach('HOP_GLOSSARY_CONTRADICTION', 'No text could follow a glossary that asks for what it refuses.')
