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
    // Only ends what hangs: a busy machine is many times slower than an idle one.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
