import { defineConfig } from 'vitest/config'

/** All tests by cost, for editors and for "npx vitest --project fast" at the root. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'fast', include: ['{packages/*,scripts}/**/*.test.ts'], exclude: ['**/node_modules/**', '**/*.docker.test.ts', '**/*.pack.test.ts'] } },
      {
        test: {
          name: 'docker', include: ['{packages/*,scripts}/**/*.docker.test.ts'],
          fileParallelism: false, testTimeout: 600_000, hookTimeout: 600_000,
        },
      },
    ],
  },
})
