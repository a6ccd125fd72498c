import { defineConfig } from 'vitest/config'

/** Vitest by itself keeps a core for itself, so that of two cores one would be used. */
const UNIT_WORKERS = 3

/** Tests that mostly wait, for leases, sessions and quotas to end: they measure no time below some seconds, so they wait side by side. */
const PATIENT = '**/*.patient.test.ts'
const PATIENT_WORKERS = 3

/**
 * One project per tier. Only the unit tests and the patient ones run their files in parallel: the other tiers share one Kafka, one
 * Postgres and two cores, so they run one file at a time and their timings mean something.
 */
const shared = {
  pool: 'forks' as const,
  setupFiles: ['test/support/setup.ts'],
  // A build is run as it is.
  server: { deps: { external: [/\/dist\/.*\.js$/] } },
}
const stack = {
  ...shared,
  fileParallelism: false,
  testTimeout: 60_000,
  hookTimeout: 120_000,
  globalSetup: ['test/support/stack/global-stack.ts'],
}

/** A folder where `.ci/run` wants to read the results; several runs put their files side by side there. */
const results = process.env.TEST_RESULTS

export default defineConfig({
  test: {
    reporters: results ? ['default', ['json', { outputFile: `${results}/${process.pid}.json` }]] : ['default'],
    projects: [
      { test: { ...shared, name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 10_000, maxWorkers: UNIT_WORKERS } },
      { test: { ...stack, name: 'integration', include: ['test/integration/**/*.test.ts'], exclude: [PATIENT] } },
      {
        test: {
          ...stack,
          name: 'patient',
          include: [`test/{integration,e2e,contract/cases}/${PATIENT}`],
          testTimeout: 120_000,
          fileParallelism: true,
          maxWorkers: PATIENT_WORKERS,
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
          testTimeout: 120_000,
          globalSetup: ['test/support/stack/fresh-build.ts', ...stack.globalSetup],
        },
      },
      { test: { ...stack, name: 'browser', include: ['test/browser/**/*.test.ts'] } },
      {
        // Three brokers and three bridges of its own; the controls that take longest run by themselves, with `test:controls`.
        test: {
          ...stack,
          name: 'contract',
          include: ['test/contract/faults/*.test.ts', 'test/contract/cases/*.test.ts', 'test/contract/controls/log-controls.test.ts'],
          exclude: [PATIENT],
          testTimeout: 120_000,
          globalSetup: ['test/support/stack/fresh-build.ts'],
        },
      },
    ],
  },
})
