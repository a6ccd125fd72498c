import { defineConfig } from 'vitest/config'

/** What is run inside the image: the tests of the browsers' port, on the Node.js and the C library that the image has. */
export default defineConfig({
  test: {
    name: 'inside',
    root: new URL('../../..', import.meta.url).pathname,
    include: ['test/integration/websocket/*.test.ts', 'test/unit/websocket/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['json'],
    env: { UWS_HTTP_MAX_HEADERS_SIZE: '16384' }, // as src/main.ts sets it for the bridge
    setupFiles: ['test/support/setup.ts'],
    testTimeout: 120_000,
  },
})
