import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Tests of milliseconds: pure ones and contracts with fakes. Run in a package's folder. */
export default defineConfig({
  test: {
    name: 'fast',
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.docker.test.ts', '**/*.pack.test.ts'],
    reporters: ['default', 'json'],
    outputFile: { json: '.test-results/fast.json' },
    restoreMocks: true,
    // Many wait for real time: with one worker fewer than processors, vitest's default, verify's took 191 s on two, so 78 s.
    maxWorkers: availableParallelism() + 1,
    // No file changes what another sees; a fresh worker for each cost verify's a third of their processor time.
    isolate: false,
    // Only ends what hangs: beside clusters, which go first, a test of 5 s took more than 30, and one of 22 s more than 60 (measured here).
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
