import { defineConfig } from 'vitest/config'

const results = process.env.TEST_RESULTS

/** Attackers beside an honest peer. A tier of its own, since it measures: nothing else may run beside it. `npm run test:hostile`. */
export default defineConfig({
  test: {
    name: 'hostile',
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/hostile/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    reporters: results ? ['default', ['json', { outputFile: `${results}/${process.pid}.json` }]] : ['default'],
    setupFiles: ['test/support/setup.ts'],
    globalSetup: ['test/support/stack/fresh-build.ts', 'test/support/stack/global-stack.ts'],
    testTimeout: 180_000,
    hookTimeout: 240_000,
  },
})
