import { afterAll, expect, onTestFinished, test } from 'vitest'
import { faultNamed } from '../faults/all-faults.ts'
import { createPatchedBuild } from '../harness/patched-build.ts'
import { renderReports } from '../harness/report.ts'
import { type FaultReport, runFault } from '../harness/run-fault.ts'
import { startWorld } from '../harness/world.ts'
import { CONTROLS } from './controls.ts'

/** What is lost here never arrives. */
const ARRIVAL_MS = 10_000

const reports: FaultReport[] = []
afterAll(() => console.log(renderReports(reports)))

// A build without the protection alone, in a world of its own, so that no control changes what another shows.
test.each(CONTROLS)('without it the fault does harm: $protection', async ({ patches, fault, harm }) => {
  const build = await createPatchedBuild(patches)
  onTestFinished(() => build.remove())
  const options = { instances: 3, ratePerSecond: 50, isWithPostgres: false, program: build.program }
  const world = await startWorld(options, { say: () => {} })
  onTestFinished(async () => void (await world.stop()))
  const report = await runFault(faultNamed(fault), world, { arrivalMs: ARRIVAL_MS })
  reports.push(report)
  expect(report.failures).toContainEqual(expect.stringMatching(harm))
})
