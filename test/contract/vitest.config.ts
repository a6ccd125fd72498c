import { defineConfig } from 'vitest/config'

/** The fault tests start what they need themselves, one file at a time: three brokers and three bridges fill the machine. */
export default defineConfig({
  test: {
    name: 'contract',
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/contract/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    setupFiles: ['test/support/setup.ts'],
    globalSetup: ['test/support/fresh-build.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
