/** The part of a test runner that the contract needs: vitest's, node:test's, or the like. */
export interface TestApi {
  describe(name: string, body: () => void): unknown
  test(name: string, body: () => void | Promise<void>): unknown
}
