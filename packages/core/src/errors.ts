/** Exit codes of the command line (DESIGN "Exit codes"): what an automated caller may rely on. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, inconclusive: 3, interrupted: 130 } as const

/** One of the five exit codes of the `hoplab` command. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Where in a file a mistake stands; line and column count from 1. */
export interface Position { file: string; line?: number; column?: number }

/** What every failure tells its reader, as data. */
export interface ErrorFacts {
  /** Permanent name, e.g. `HOP_ENGINE_UNREACHABLE`. Never reused for another meaning. */
  code: string
  /** 1 learner's work, 2 wrong input, 3 our environment, 130 interrupted. */
  exitCode: ExitCode
  what: string
  why: string
  /** Something the reader can type or change. */
  fix: string
  /** What exists now: what was created, kept or lost. */
  state: string
  position?: Position
  /** Path of a folder with the evidence that was kept, if any. */
  evidence?: string
}

/** The only error that crosses a package boundary. Its message is `what`; the rest is in {@link facts}. */
export class HopError extends Error {
  override readonly name = 'HopError'
  readonly facts: ErrorFacts
  constructor(facts: ErrorFacts, options?: { cause?: unknown }) {
    super(facts.what, options)
    this.facts = facts
  }
  get code(): string { return this.facts.code }
  get exitCode(): ExitCode { return this.facts.exitCode }
  /** The same error, with a path to kept evidence added. */
  withEvidence(evidence: string): HopError {
    return new HopError({ ...this.facts, evidence }, { cause: this.cause })
  }
}

type Text<P> = string | ((params: P) => string)

/** How one error code reads; each text may depend on the parameters it is raised with. */
export interface ErrorDefinition<P> {
  exitCode: ExitCode
  what: Text<P>
  why: Text<P>
  fix: Text<P>
  state: Text<P>
}

/** Options every raised error takes besides its parameters. */
export interface RaiseOptions { cause?: unknown; position?: Position; evidence?: string }

/** A function that makes (does not throw) the error of one code. */
export type Raise<P> = (params: P, options?: RaiseOptions) => HopError

/** Ties one code to its texts. Throw what the returned function makes: `throw HOP_X({ … })`. */
export function defineError<P = void>(code: string, definition: ErrorDefinition<P>): Raise<P> {
  const text = (t: Text<P>, p: P): string => (typeof t === 'function' ? t(p) : t)
  return (params, options = {}) =>
    new HopError(
      {
        code,
        exitCode: definition.exitCode,
        what: text(definition.what, params),
        why: text(definition.why, params),
        fix: text(definition.fix, params),
        state: text(definition.state, params),
        ...(options.position ? { position: options.position } : {}),
        ...(options.evidence ? { evidence: options.evidence } : {}),
      },
      options.cause === undefined ? undefined : { cause: options.cause },
    )
}

/** The message of anything that was thrown, on one line. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
