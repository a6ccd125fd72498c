import { defineConfig } from 'vitest/config'

const results = process.env.TEST_RESULTS

/** Controls take protections away, and need a build and a world each. A tier of its own, `npm run test:controls`. */
export default defineConfig({
  test: {
    name: 'controls',
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/contract/controls/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    reporters: results ? ['default', ['json', { outputFile: `${results}/${process.pid}.json` }]] : ['default'],
    setupFiles: ['test/support/setup.ts'],
    globalSetup: ['test/support/stack/fresh-build.ts'],
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
})
