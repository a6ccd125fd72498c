import { defineConfig } from 'vitest/config'

/** The controls that need a world each: too long for every run, so `npm run test:controls` has them alone. */
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
