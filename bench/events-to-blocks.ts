import type { PipelineEndOptions, PipelineEndReport } from './programs/pipeline-end.ts'
import type { Bench } from './support/bench.ts'
import { createNode } from './support/bridge.ts'
import { percentile } from './support/measure/numbers.ts'
import { startProgram } from './support/program.ts'

const RATE = 5000
const WARM_UP_SECONDS = 3
const SECONDS = 6

export const eventsToBlocks: Bench = {
  name: 'events-to-blocks',
  title: `verdict -> log -> blocks: ${RATE} announcements/s behind the judge of gossip`,
  doesNotProve:
    'anything about hearing them: one core verifies fewer signatures than that; nor what browsers cost beside it; the broker is a single one',
  async run(context) {
    const { environment } = await createNode(context)
    const options: PipelineEndOptions = { environment, count: RATE * (WARM_UP_SECONDS + SECONDS), ratePerSecond: RATE }
    const program = await startProgram('pipeline-end', options, context)
    await program.hear('ready')
    program.tell('go')
    const report = await program.hear<PipelineEndReport>('report')
    const measured = (latencies: readonly number[]) => latencies.slice(RATE * WARM_UP_SECONDS)
    const inBlocks = measured(report.inBlocks)
    const cpuMs = (report.cpuSeconds * 1000) / options.count
    return [
      { what: 'verdict -> acknowledged in the log, p99', measured: percentile(measured(report.inLog), 0.99), unit: 'ms' },
      { what: 'verdict -> acknowledged in blocks, p50', measured: percentile(inBlocks, 0.5), unit: 'ms' },
      {
        what: 'verdict -> acknowledged in blocks, p99',
        measured: percentile(inBlocks, 0.99),
        unit: 'ms',
        target: { of: 'measured', bound: 'at most', value: 100 },
      },
      { what: 'CPU of an announcement', measured: cpuMs, unit: 'ms' },
      {
        what: 'cores used',
        measured: report.cpuSeconds / report.wallSeconds,
        unit: 'cores',
        target: { of: 'measured', bound: 'at most', value: 1 },
      },
    ]
  },
}
