import { defineConfig } from 'vitest/config'

/** Controls that need a world each: too slow for every run, so only `npm run test:controls` runs them. */
export default defineConfig({
  test: {
    name: 'controls',
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/contract/controls/kafka-controls.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    setupFiles: ['test/support/setup.ts'],
    globalSetup: ['test/support/stack/fresh-build.ts'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
})
