import { defineConfig } from 'vitest/config'

/** Tests that change the machine itself (a kernel limit, an image that every lab needs), so no other docker test may run beside them. */
export default defineConfig({
  test: {
    name: 'alone',
    include: ['test/**/*.alone.docker.test.ts'],
    reporters: ['verbose', 'json'],
    outputFile: { json: '.test-results/alone.json' },
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
