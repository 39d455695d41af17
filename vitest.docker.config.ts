import { defineConfig } from 'vitest/config'

/** Tests on a real container engine: one at a time, minutes each, never repeated. Run in a package's folder. Those of vitest.alone.config.ts and vitest.machine.config.ts are left out. */
export default defineConfig({
  test: {
    name: 'docker',
    include: ['{src,test,proof}/**/*.docker.test.ts'],
    exclude: ['**/node_modules/**', '**/*.{alone,machine}.docker.test.ts'],
    reporters: ['verbose', 'json'],
    outputFile: { json: '.test-results/docker.json' },
    // A package without such tests is no failure; a whole run without any is (scripts/test.ts).
    passWithNoTests: true,
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
