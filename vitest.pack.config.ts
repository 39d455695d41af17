import { defineConfig } from 'vitest/config'

/** Tests of the packages as others install them: built, packed, in a project outside this repository. Run in a package's folder. */
export default defineConfig({
  test: {
    name: 'pack',
    include: ['test/**/*.pack.test.ts'],
    reporters: ['verbose', 'json'],
    outputFile: { json: '.test-results/pack.json' },
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
