import { afterAll, beforeAll, expect, test } from 'vitest'
import { renderReports } from '../harness/report.ts'
import { type FaultReport, runFault } from '../harness/run-fault.ts'
import { startWorld, type World } from '../harness/world.ts'
import { faultNamed } from './all-faults.ts'

let world: World
const reports: FaultReport[] = []

beforeAll(async () => {
  world = await startWorld({ instances: 3, ratePerSecond: 50, isWithPostgres: false }, { say: () => {} })
})

afterAll(async () => {
  await world?.stop()
  console.log(renderReports(reports))
})

test.each(['strangers write copies into the log', 'SIGKILL of the primary', "SIGKILL of the leader's broker"])(
  'nothing is lost and browsers see nothing twice: %s',
  async (name) => {
    const report = await runFault(faultNamed(name), world, { isBusy: true })
    reports.push(report)
    expect(report.figures.sent).toBeGreaterThan(100)
    expect(report.failures).toEqual([])
  },
)
