import { setTimeout as pause } from 'node:timers/promises'
import { createKafka } from '../../src/kafka/client/connection.ts'
import { PartitionLink } from '../../src/kafka/client/partition-link.ts'
import { TopicLink } from '../../src/kafka/client/topic-link.ts'
import { SYSTEM_CLOCK } from '../../src/lifecycle/clock.ts'
import { readTimedHash } from '../relay/timed-hash.ts'
import { sharedNow } from '../support/measure/clock.ts'
import { parent } from '../support/parent.ts'
import { quietLog } from '../support/quiet-log.ts'
import type { RelayLoad } from './relay-producer.ts'

export interface RelayReaderOptions {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly run: string
}

/** What arrived of a load. */
export interface Arrivals {
  readonly arrived: number
  /** Copies beyond the first of each. */
  readonly repeated: number
  /** From the write to the read, of each that arrived, in the order of arrival. */
  readonly latenciesMs: readonly number[]
  /** From the first write to the first arrival. */
  readonly firstMs: number
  /** From the first write to the last arrival. */
  readonly wholeMs: number
  /** The longest time in which nothing arrived, from the first write to the last arrival. */
  readonly longestGapMs: number
}

/** After this long without an arrival, the rest counts as lost. */
const PATIENCE_MS = 15_000
const LOOK_MS = 5
const LONG_POLL_MS = 500
const MAX_BYTES = 1 << 20

// Reads partition 0 of the out-topic from its end on, and measures what arrives of each load.
const { options, tell, on } = await parent<RelayReaderOptions>()
const kafka = createKafka({ clientId: 'bench-relay-reader', brokers: options.brokers }, { log: quietLog })
const topicLink = new TopicLink({ topic: options.topic }, { clock: SYSTEM_CLOCK, kafka })
const link = new PartitionLink({ topic: options.topic, partition: 0 }, { link: topicLink })
const run = Buffer.from(options.run)

let expected: RelayLoad = { load: -1, count: 0, ratePerSecond: 0 }
let seen = new Uint8Array(0)
let latenciesMs: number[] = []
let [repeated, firstWrittenAt, firstAt, lastAt, longestGapMs] = [0, 0, 0, 0, 0]

function expect(load: RelayLoad): void {
  expected = load
  seen = new Uint8Array(load.count)
  latenciesMs = []
  ;[repeated, firstWrittenAt, firstAt, lastAt, longestGapMs] = [0, Number.POSITIVE_INFINITY, 0, 0, 0]
}

/** All records of one answer arrive at the same time. */
function arrive(values: readonly (Buffer | null)[], now: number): void {
  for (const value of values) {
    const timed = value && readTimedHash(run, value)
    if (!timed || timed.load !== expected.load) continue
    if (timed.writtenAt < firstWrittenAt) firstWrittenAt = timed.writtenAt
    if (seen[timed.index] === 1) {
      repeated += 1
      continue
    }
    seen[timed.index] = 1
    latenciesMs.push(now - timed.writtenAt)
    if (firstAt === 0) [firstAt, longestGapMs] = [now, now - timed.writtenAt]
    else longestGapMs = Math.max(longestGapMs, now - lastAt)
    lastAt = now
  }
}

function report(): Arrivals {
  const [firstMs, wholeMs] = [firstAt - firstWrittenAt, lastAt - firstWrittenAt]
  return { arrived: latenciesMs.length, repeated, latenciesMs, firstMs, wholeMs, longestGapMs }
}

async function follow(from: bigint): Promise<never> {
  for (let offset = from; ; ) {
    const { fetched } = await link.fetch(offset, { maxBytes: MAX_BYTES, maxWaitMs: LONG_POLL_MS })
    arrive(
      (fetched?.records ?? []).map(({ value }) => value),
      sharedNow(),
    )
    offset = fetched?.nextOffset ?? offset
  }
}

/** Reports when all has arrived, or when nothing more arrives. */
async function finish(): Promise<void> {
  const from = sharedNow()
  while (latenciesMs.length < expected.count && sharedNow() - Math.max(from, lastAt) < PATIENCE_MS) await pause(LOOK_MS)
  tell('report', report())
}

on('expect', (load) => {
  expect(load as RelayLoad)
  tell('expecting')
})
on('finish', () => void finish())
void follow(await link.latest())
tell('ready')
