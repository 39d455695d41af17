import { defineConfig } from 'vitest/config'

/** Docker tests of what the command says when the machine fails it: an engine that dies, a signal, what is missing. A task of their own, so that the two lanes of scripts/test.ts take as long. */
export default defineConfig({
  test: {
    name: 'machine',
    include: ['test/**/*.machine.docker.test.ts'],
    reporters: ['verbose', 'json'],
    outputFile: { json: '.test-results/machine.json' },
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
