import { defineConfig } from 'vitest/config'

const results = process.env.TEST_RESULTS

/**
 * Peers of other implementations, built from `programs`. A tier of its own, since it needs Go and Rust and minutes for the first
 * build: `npm run test:peers`.
 */
export default defineConfig({
  test: {
    name: 'peers',
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/peers/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    reporters: results ? ['default', ['json', { outputFile: `${results}/${process.pid}.json` }]] : ['default'],
    setupFiles: ['test/support/setup.ts'],
    globalSetup: ['test/support/stack/fresh-build.ts', 'test/support/stack/global-stack.ts', 'test/peers/peer-programs.ts'],
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
})
