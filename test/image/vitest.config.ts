import { defineConfig } from 'vitest/config'

const results = process.env.TEST_RESULTS

/** The image, built for real by a Docker engine of its own: `npm run test:image`. A tier of its own, since it needs root and minutes. */
export default defineConfig({
  test: {
    name: 'image',
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/image/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    reporters: results ? ['default', ['json', { outputFile: `${results}/${process.pid}.json` }]] : ['default'],
    setupFiles: ['test/support/setup.ts'],
    globalSetup: ['test/support/stack/fresh-build.ts'],
    testTimeout: 300_000,
    hookTimeout: 1_800_000,
  },
})
