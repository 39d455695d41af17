import { defineConfig } from 'vitest/config'

/**
 * Tests beside which no other docker test may run: they change the machine itself (a kernel limit, an image that every lab needs), or judge so much
 * at once that a second cluster takes their breath (measured here: a control Pod that did not answer itself in time).
 */
export default defineConfig({
  test: {
    name: 'alone',
    include: ['{test,proof}/**/*.alone.docker.test.ts'],
    reporters: ['verbose', 'json'],
    outputFile: { json: '.test-results/alone.json' },
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
