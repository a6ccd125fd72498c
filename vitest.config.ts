import { defineConfig } from 'vitest/config'

/**
 * Vitest by itself keeps a core for itself, so that of two cores one would be used. A test of a real server waits half of the time; a
 * patient test, for leases, sessions and quotas to end, waits most of it.
 */
const WORKERS = 3
const PATIENT = '**/*.patient.test.ts'

/**
 * One project per tier. Files run side by side against one Kafka and one Postgres, on topics and databases of their own. The
 * contract's faults and the dashboard measure times, so they run one file at a time.
 */
const shared = {
  pool: 'forks' as const,
  setupFiles: ['test/support/setup.ts'],
  hookTimeout: 240_000,
  // A build is run as it is.
  server: { deps: { external: [/\/dist\/.*\.js$/] } },
}
const stack = {
  ...shared,
  testTimeout: 120_000,
  globalSetup: ['test/support/stack/global-stack.ts'],
}

/** Three brokers and three bridges of their own, so one file at a time. */
const contract = {
  ...stack,
  fileParallelism: false,
  testTimeout: 240_000,
  globalSetup: ['test/support/stack/fresh-build.ts'],
}

/** A folder where `.ci/run` wants to read the results; several runs put their files side by side there. */
const results = process.env.TEST_RESULTS

export default defineConfig({
  test: {
    reporters: results ? ['default', ['json', { outputFile: `${results}/${process.pid}.json` }]] : ['default'],
    projects: [
      { test: { ...shared, name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000, maxWorkers: WORKERS } },
      {
        test: {
          ...stack,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: [PATIENT],
          maxWorkers: WORKERS,
          sequence: { groupOrder: 1 },
          globalSetup: ['test/support/stack/fresh-build.ts', ...stack.globalSetup],
        },
      },
      {
        test: {
          ...stack,
          name: 'patient',
          include: [`test/{integration,e2e,contract}/${PATIENT}`],
          testTimeout: 240_000,
          maxWorkers: WORKERS,
          sequence: { groupOrder: 1 },
          globalSetup: ['test/support/stack/fresh-build.ts', ...stack.globalSetup],
        },
      },
      {
        test: {
          ...stack,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [PATIENT],
          testTimeout: 240_000,
          maxWorkers: WORKERS,
          sequence: { groupOrder: 1 },
          globalSetup: ['test/support/stack/fresh-build.ts', ...stack.globalSetup],
        },
      },
      { test: { ...stack, name: 'browser', include: ['test/browser/**/*.test.ts'], fileParallelism: false } },
      { test: { ...contract, name: 'contract', include: ['test/contract/cases/*.test.ts'], exclude: [PATIENT] } },
      // Not part of `npm test`; the controls have a configuration of their own.
      { test: { ...contract, name: 'faults', include: ['test/contract/faults/*.test.ts'] } },
    ],
  },
})
