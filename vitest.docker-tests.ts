import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config'

/** Docker tests that are a task of their own, by what stands before `.docker.test.ts` in their file's name. */
const ownTasks = ['alone', 'drawn', 'machine'] as const

/** Tests on a real container engine: one at a time, minutes each, never repeated. Run in a package's folder. @param name one of those tasks; `docker` for all others */
export function dockerTests(name: 'docker' | (typeof ownTasks)[number]): ViteUserConfig {
  const others = name === 'docker'
  return defineConfig({
    test: {
      name,
      include: [`{src,test,proof}/**/*${others ? '' : `.${name}`}.docker.test.ts`],
      exclude: [...configDefaults.exclude, ...(others ? ownTasks.map((task) => `**/*.${task}.docker.test.ts`) : [])],
      reporters: ['verbose', 'json'],
      outputFile: { json: `.test-results/${name}.json` },
      // A package without such tests is no failure; a whole run without any is (scripts/test.ts).
      passWithNoTests: others,
      fileParallelism: false,
      maxWorkers: 1,
      testTimeout: 600_000,
      hookTimeout: 600_000,
    },
  })
}
