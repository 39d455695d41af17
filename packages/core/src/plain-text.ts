// C0 except tab and newline, C1, DEL; then bidi embedding, override and isolate characters; zero-width ones that hide text.
const hidden = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu
// Whole escape sequences go first, so that their printable tails do not stay behind: OSC/DCS/APC/PM strings, CSI, two-character ones.
const sequences = /\u001B[\]P_^X][\s\S]*?(?:\u0007|\u001B\\|$)|\u001B\[[0-?]*[ -/]*[@-~]|\u001B[ -/]*[0-~]/gu

/**
 * Foreign text (Pod output, object names, lab Markdown) made safe to show: without control, escape and bidi characters.
 * Tab and newline stay. Everything foreign passes here before it reaches a terminal, a log or a page.
 */
export function plainText(foreign: string): string {
  return foreign.replaceAll('\r\n', '\n').replace(sequences, '').replace(hidden, '')
}

/** {@link plainText} on one line of at most `max` characters. */
export function plainLine(foreign: string, max = 400): string {
  const line = plainText(foreign).replace(/\s+/gu, ' ').trim()
  return line.length > max ? `${line.slice(0, max - 1)}…` : line
}
