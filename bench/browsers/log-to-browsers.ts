import type { FeedClientsOptions, FeedReport } from '../programs/feed-clients.ts'
import type { FeedProducerOptions, FeedRun } from '../programs/feed-producer.ts'
import type { Bench, BenchContext, Figure } from '../support/bench.ts'
import { median, percentile } from '../support/measure/numbers.ts'
import { cpuSeconds } from '../support/measure/process-cost.ts'
import { startProgram } from '../support/program.ts'
import { runs } from '../support/runs.ts'
import { type FeedServer, startBareFeed, startEdge } from './feed-server.ts'

const CLIENTS = 1000
/** The others run when they are named: `log-to-browsers-1200`. */
const RATE = 300
const OTHER_RATES = [600, 1200, 2000]
const SECONDS = 8
const RUNS = runs(3)
/** In addition to the time of the feed itself. */
const PATIENCE_MS = 15_000

interface Run extends FeedReport {
  readonly cpuPerMillion: number
}

export const logToBrowsers: Bench = benchAt(RATE)
export const logToBrowsersFaster: readonly Bench[] = OTHER_RATES.map((rate) => ({
  ...benchAt(rate),
  name: `log-to-browsers-${rate}`,
  isLong: true,
}))

function benchAt(rate: number): Bench {
  return {
    name: 'log-to-browsers',
    title: `log -> ${CLIENTS} WebSocket clients, ${rate} events/s`,
    doesNotProve:
      'anything about TLS, slow clients or clients far away; the clients share two cores with the server, so the latencies are of a full machine and say little by themselves',
    async run(context) {
      const bare: Run[] = []
      const bridge: Run[] = []
      for (let run = 1; run <= RUNS; run++) {
        bare.push(await measure(await startBareFeed(context), rate, context))
        bridge.push(await measure(await startEdge(context), rate, context))
        const texts = [bare.at(-1), bridge.at(-1)].map((each) => `${each?.cpuPerMillion.toFixed(2)} CPU s/million`)
        context.say(`run ${run}: bare ${texts[0]}, bridge ${texts[1]}`)
      }
      return figures(bare, bridge, rate * SECONDS)
    },
  }
}

function figures(bare: readonly Run[], bridge: readonly Run[], count: number): Figure[] {
  const of = (runs: readonly Run[], what: (run: Run) => number) => median(runs.map(what))
  // A baseline that delivers nothing costs nothing, and proves nothing.
  const lost = Math.max(...bare.map(({ fewest }) => count - fewest))
  if (lost > 0) throw new Error(`the bare program has not delivered ${lost} of ${count} texts to a client`)
  const missed = Math.max(...bridge.map(({ fewest, closed }) => count - fewest + closed))
  const latency = (share: number): Figure => ({
    what: `written to Kafka -> at the client, p${share * 100}`,
    measured: of(bridge, ({ latenciesMs }) => percentile(latenciesMs, share)),
    unit: 'ms',
    baseline: of(bare, ({ latenciesMs }) => percentile(latenciesMs, share)),
  })
  return [
    { what: 'events missed by any client', measured: missed, unit: 'events', target: { of: 'measured', bound: 'at most', value: 0 } },
    {
      what: 'CPU per million deliveries',
      measured: of(bridge, ({ cpuPerMillion }) => cpuPerMillion),
      unit: 's',
      baseline: of(bare, ({ cpuPerMillion }) => cpuPerMillion),
      ratio: median(bridge.map(({ cpuPerMillion }, run) => cpuPerMillion / (bare[run]?.cpuPerMillion ?? Number.NaN))),
      target: { of: 'ratio', bound: 'at most', value: 1.4 },
    },
    latency(0.5),
    latency(0.99),
    {
      what: 'text of one event',
      measured: of(bridge, ({ bytesPerEvent }) => bytesPerEvent),
      unit: 'bytes',
      baseline: of(bare, ({ bytesPerEvent }) => bytesPerEvent),
    },
  ]
}

async function measure(server: FeedServer, rate: number, context: BenchContext): Promise<Run> {
  const count = rate * SECONDS
  const clientsOptions: FeedClientsOptions = { port: server.port, clients: CLIENTS, types: server.types, expected: count }
  const clients = await startProgram('feed-clients', clientsOptions, context)
  const producerOptions: FeedProducerOptions = { brokers: context.kafka.brokers, topic: server.topic, form: server.form }
  const producer = await startProgram('feed-producer', producerOptions, context)
  await Promise.all([clients.hear('ready'), producer.hear('ready')])
  const before = cpuSeconds(server.pid)
  const feed: FeedRun = { count, ratePerSecond: rate }
  producer.tell('go', feed)
  // The report shows which clients miss events: a timeout here only ends the wait.
  await clients.hear('complete', SECONDS * 1000 + PATIENCE_MS).catch(() => {})
  const used = cpuSeconds(server.pid) - before
  clients.tell('report')
  const report = await clients.hear<FeedReport>('report')
  await Promise.all([clients.stop(), producer.stop()])
  await server.stop()
  return { ...report, cpuPerMillion: used / ((CLIENTS * count) / 1e6) }
}
