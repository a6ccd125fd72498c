import type { FeedClientsOptions, FeedReport } from '../programs/feed-clients.ts'
import type { FeedProducerOptions, FeedRun } from '../programs/feed-producer.ts'
import type { BenchContext } from '../support/bench.ts'
import { percentile } from '../support/measure/numbers.ts'
import { startProgram } from '../support/program.ts'
import type { FeedServer } from './feed-server.ts'

export interface LiveClientsOptions {
  readonly clients: number
  readonly ratePerSecond: number
}

/** How live clients have fared over a time. */
export interface LiveWindow {
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Well-behaved clients and a feed, to see what others do to their latency. */
export interface LiveClients {
  /** Writes so many events as fast as they are taken, and waits until they are written. */
  fill(count: number): Promise<void>
  /** Writes at the rate for at most so long, and less if `meanwhile` is done earlier. The latencies are those of this time alone. */
  watch<T>(seconds: number, meanwhile?: () => Promise<T>): Promise<LiveWindow & { readonly result: T | undefined }>
}

const FILL_RATE = 4000
/** A latency of so many samples is one. */
const LEAST_SAMPLES = 100

export async function startLiveClients(
  server: FeedServer,
  { clients, ratePerSecond }: LiveClientsOptions,
  context: BenchContext,
): Promise<LiveClients> {
  const producerOptions: FeedProducerOptions = { brokers: context.kafka.brokers, topic: server.topic, form: server.form }
  const producer = await startProgram('feed-producer', producerOptions, context)
  await producer.hear('ready')
  const clientsOptions: FeedClientsOptions = { port: server.port, clients, types: server.types, expected: Number.POSITIVE_INFINITY }
  const live = await startProgram('feed-clients', clientsOptions, context)
  await live.hear('ready')

  async function write(run: FeedRun): Promise<void> {
    producer.tell('go', run)
    await producer.hear('fed', (run.count / run.ratePerSecond) * 1000 + 30_000)
  }

  async function report(): Promise<FeedReport> {
    live.tell('report')
    return live.hear<FeedReport>('report')
  }

  return {
    fill: (count) => write({ count, ratePerSecond: FILL_RATE }),
    async watch(seconds, meanwhile) {
      const written = write({ count: Math.round(seconds * ratePerSecond), ratePerSecond })
      await report()
      const ended = written.then(() => undefined)
      const result = await (meanwhile ? Promise.race([meanwhile(), ended]) : ended)
      const { latenciesMs, closed } = await report()
      await written
      if (closed > 0) throw new Error(`${closed} of the well-behaved clients were closed`)
      if (latenciesMs.length < LEAST_SAMPLES)
        throw new Error(`the well-behaved clients have got next to nothing: ${latenciesMs.length} samples`)
      return { p50Ms: percentile(latenciesMs, 0.5), p99Ms: percentile(latenciesMs, 0.99), result }
    },
  }
}
