// C0 except tab and newline, DEL, C1; Arabic letter mark and the bidi embedding, override and isolate characters; soft hyphen, zero-width
// characters and Unicode tags, which hide text; line and paragraph separator, which break a line unseen.
const hidden = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF\u{E0000}-\u{E007F}]/gu
// Whole escape sequences go first (ECMA-48 5.4, 5.6), so that their printable tails do not stay behind: command strings, CSI, two-character ones;
// each introducer as ESC and a letter or as one C1 character. A string that never ends takes its own line at most: it must not hide what follows.
const sequences = /(?:\u001B[\]P_^X]|[\u0090\u0098\u009D-\u009F])[^\n\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)?|(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|\u001B[ -/]*[0-~]/gu

/**
 * Foreign text (Pod output, object names, lab Markdown) made safe to show: without control, escape and bidi characters.
 * Tab and newline stay. Everything foreign passes here before it reaches a terminal, a log or a page.
 */
export function plainText(foreign: string): string {
  return foreign.toWellFormed().replaceAll('\r\n', '\n').replace(sequences, '').replace(hidden, '')
}

/** {@link plainText} on one line of at most `max` characters. */
export function plainLine(foreign: string, max = 400): string {
  const line = plainText(foreign).replace(/\s+/gu, ' ').trim()
  // A cut through a surrogate pair leaves half a character, which toWellFormed replaces.
  return line.length > max ? `${line.slice(0, max - 1).toWellFormed()}…` : line
}
