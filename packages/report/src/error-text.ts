import { type ErrorFacts, HopError, messageOf, plainText } from '@hoplab/core'
import { resultSchemaVersion } from '@hoplab/model'
import { type Look, paint } from './look.ts'

/** An error as people read it: what, where, why, how to fix, what exists now, where the evidence is. */
export function errorText(facts: ErrorFacts, look: Look): string {
  const line = (name: string, text: string | undefined): string[] => (text ? [`  ${paint(look, 'bold', `${name}:`)} ${plainText(text)}`] : [])
  return [
    `${paint(look, ['red', 'bold'], 'error')} ${plainText(facts.what)} [${facts.code}]`,
    ...line('at', positionText(facts)), ...line('why', facts.why), ...line('fix', facts.fix), ...line('state', facts.state), ...line('evidence', facts.evidence),
  ].join('\n')
}

/** An error on stdout where `--json` was asked for. */
export function errorJson(facts: ErrorFacts): string {
  return JSON.stringify({ schemaVersion: resultSchemaVersion, error: facts })
}

/** The facts of anything that was thrown. What is no `HopError` is a mistake of ours and says so. */
export function factsOf(thrown: unknown): ErrorFacts {
  if (thrown instanceof HopError) return thrown.facts
  return {
    code: 'HOP_BUG', exitCode: 3, what: `hoplab made a mistake: ${messageOf(thrown)}`,
    why: 'This is an error nobody planned for, so it is ours, not yours.',
    fix: 'Run the command again with HOPLAB_DEBUG=1 and report what it prints; "hoplab clean" removes what was left.',
    state: 'Unknown: look with "hoplab status".',
  }
}

function positionText({ position }: ErrorFacts): string | undefined {
  if (!position) return undefined
  return [position.file, position.line, position.column].filter((part) => part !== undefined).join(':')
}
