import { startLoadCost } from '../profile/load-cost.ts'
import type { RelayLoad, RelayProducerOptions } from '../programs/relay-producer.ts'
import type { Arrivals, RelayReaderOptions } from '../programs/relay-reader.ts'
import type { BenchContext } from '../support/bench.ts'
import { residentMegabytes } from '../support/measure/process-cost.ts'
import { startProgram } from '../support/program.ts'
import { scrape } from '../support/scrape.ts'
import type { RelayPair, RelayProcess } from './relay-pair.ts'
import { newRun } from './timed-hash.ts'

/** What one process of a pair needed for a load. */
export interface RelayCost {
  /** CPU time for each message, in milliseconds. */
  readonly cpuMs: number
  /** Memory after the load. */
  readonly residentMb: number
  /** p99 of the delay of its event loop; undefined for a process that has none. */
  readonly loopDelayMs: number | undefined
}

export interface Outcome extends Arrivals {
  readonly sent: number
  readonly sender: RelayCost
  readonly receiver: RelayCost
}

export interface Load {
  readonly name: string
  readonly count: number
  /** 0: all at once. */
  readonly ratePerSecond: number
}

/** Writes loads into the in-topic of a pair, and measures what arrives in the out-topic of the other. */
export interface RelayMeter {
  /** Ends when all has arrived, or when nothing more arrives. */
  run(load: Load): Promise<Outcome>
  stop(): Promise<void>
}

const FEED_DEADLINE_MS = 300_000
const ARRIVAL_DEADLINE_MS = 300_000
/** The bridge samples the delay of its event loop at this interval, and its metric includes the interval. */
const LOOP_SAMPLE_MS = 50

export async function startRelayMeter(pair: RelayPair, context: BenchContext): Promise<RelayMeter> {
  const common = { brokers: context.kafka.brokers, run: newRun() }
  const producerOptions: RelayProducerOptions = { ...common, topic: pair.inTopic }
  const readerOptions: RelayReaderOptions = { ...common, topic: pair.outTopic }
  const producer = await startProgram('relay-producer', producerOptions, context)
  const reader = await startProgram('relay-reader', readerOptions, context)
  await Promise.all([producer.hear('ready'), reader.hear('ready')])
  let loads = 0
  return {
    async run(wanted) {
      const load: RelayLoad = { count: wanted.count, ratePerSecond: wanted.ratePerSecond, load: loads++ }
      reader.tell('expect', load)
      await reader.hear('expecting')
      const sender = await startCost('sender', pair.sender, wanted)
      const receiver = await startCost('receiver', pair.receiver, wanted)
      producer.tell('load', load)
      await producer.hear('fed', FEED_DEADLINE_MS)
      reader.tell('finish')
      const arrivals = await reader.hear<Arrivals>('report', ARRIVAL_DEADLINE_MS)
      return { sent: load.count, sender: await sender(), receiver: await receiver(), ...arrivals }
    },
    stop: async () => void (await Promise.all([producer.stop(), reader.stop()])),
  }
}

/** Begins to measure; the answer ends it. */
async function startCost(role: string, { pid, healthPort }: RelayProcess, { name, count }: Load): Promise<() => Promise<RelayCost>> {
  await loopDelay(healthPort) // a look at the metric begins a new interval
  const cost = startLoadCost({ name, role, pid, messages: count })
  return async () => {
    const cpuMs = cost()
    return { cpuMs, residentMb: residentMegabytes(pid), loopDelayMs: await loopDelay(healthPort) }
  }
}

async function loopDelay(healthPort: number | undefined): Promise<number | undefined> {
  if (healthPort === undefined) return undefined
  const seconds = (await scrape(healthPort)).get('nodejs_eventloop_lag_p99_seconds') ?? Number.NaN
  return Math.max(0, seconds * 1000 - LOOP_SAMPLE_MS)
}
