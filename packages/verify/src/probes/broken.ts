/** The harness itself failed: nothing may be concluded about the lab. Stays inside this package; ends as verdict `inconclusive`. */
export class Broken extends Error {
  /** Looking again cannot help. */
  readonly hopeless: boolean
  constructor(why: string, options: { hopeless: boolean; cause?: unknown }) {
    super(why, options.cause === undefined ? undefined : { cause: options.cause })
    this.hopeless = options.hopeless
  }
}
