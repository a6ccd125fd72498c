import { afterAll, beforeAll, expect, test } from 'vitest'
import { faultNamed } from '../faults/all-faults.ts'
import { createPatchedBuild, type PatchedBuild } from '../harness/patched-build.ts'
import { renderReports } from '../harness/report.ts'
import { type FaultReport, runFault } from '../harness/run-fault.ts'
import { startWorld, type World } from '../harness/world.ts'
import { LOG_CONTROLS } from './controls.ts'

/** What is lost here never arrives. */
const ARRIVAL_MS = 10_000

let build: PatchedBuild | undefined
let world: World
const reports: FaultReport[] = []

beforeAll(async () => {
  build = await createPatchedBuild(LOG_CONTROLS.flatMap(({ patches }) => patches))
  const options = { instances: 3, ratePerSecond: 50, isWithPostgres: false, program: build.program }
  world = await startWorld(options, { say: () => {} })
})

afterAll(async () => {
  await world?.stop()
  await build?.remove()
  console.log(renderReports(reports))
})

test.each(LOG_CONTROLS)('without it the fault does harm: $protection', async ({ fault, harm }) => {
  const report = await runFault(faultNamed(fault), world, { arrivalMs: ARRIVAL_MS })
  reports.push(report)
  expect(report.failures).toContainEqual(expect.stringMatching(harm))
})
