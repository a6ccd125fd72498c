import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import type { Pulse } from '../events/instances/pulse.ts'
import { SIBLING_RECORD_LIFETIME_MS, Siblings } from '../events/instances/siblings.ts'
import { LogClock } from '../events/reading/event-log-clock.ts'
import { FirstOccurrence } from '../events/reading/first-occurrence.ts'
import { type EventEntry, readLog } from '../events/reading/read-events.ts'
import { RecentRecords } from '../events/reading/recent-records.ts'
import type { KafkaConnection } from '../kafka/client/connection.ts'
import { createPartitionReader, type PartitionReader } from '../kafka/reader/partition-reader.ts'
import { createTail, type Tail, type TailGap } from '../kafka/reader/tail.ts'
import { type Health, KAFKA_PATIENCE, type PartHealth } from '../lifecycle/health.ts'
import type { FlowMetrics } from '../telemetry/flow-metrics.ts'
import type { KafkaMetrics } from '../telemetry/kafka-metrics.ts'
import { createClockWatch } from './clocks.ts'
import { createLogOwner, type LogOwner } from './log-owner.ts'
import type { WireFormats } from './wire-formats.ts'

export interface LogReadingDeps {
  readonly kafka: KafkaConnection
  readonly formats: WireFormats
  readonly log: Logger
  readonly health: Health
  readonly kafkaMetrics: KafkaMetrics
  readonly metrics: FlowMetrics
  readonly pulse: Pulse
  /** First occurrences behind what was read back at start, a batch at a time, and the offset after it. The tail waits for it. */
  readonly onBatch: (entries: readonly EventEntry[], next: bigint) => Promise<void>
  readonly onGap: (gap: TailGap) => Promise<void>
}

export interface LogReading {
  readonly tail: Tail
  /** For random reads, which must not wait behind the tail's long poll. */
  readonly reader: PartitionReader
  readonly seen: FirstOccurrence
  /** The last records that the tail has passed, for whoever follows close behind it. */
  readonly recent: RecentRecords
  readonly siblings: Siblings
  /** Greatest height of an own block in the log, since the read-back began. */
  ownHeight(): number | undefined
  /** What time it is by the log's broker, in milliseconds since the epoch. */
  now(): number
  /** Hears the id of every record that comes by. */
  setCameBy(listener: (id: string) => void): void
  /** Resolves when the log's last window has been read back. */
  start(): Promise<void>
  /** Resolves when this bridge may write to the log: see log-owner.ts. */
  untilOurs(): Promise<void>
  stop(): Promise<void>
}

const RETRY_MS = 1000
const RECENT_RECORDS = { maxRecords: 2000, maxBytes: 2 << 20 }

/** The own tail of the log, and all that an instance knows from it. */
export function createLogReading(settings: Settings, deps: LogReadingDeps): LogReading {
  const { kafka, formats, log, metrics, pulse } = deps
  const topic = formats.topics.events
  const health = deps.health.part('log', KAFKA_PATIENCE)
  const seen = new FirstOccurrence({ windowMs: settings.seen_window, maxIds: settings.seen_max_ids })
  const recent = new RecentRecords(RECENT_RECORDS)
  const siblings = new Siblings({ instanceId: settings.instance_id, recordLifetimeMs: SIBLING_RECORD_LIFETIME_MS })
  const heights = { own: undefined as number | undefined }
  let cameBy: (id: string) => void = () => {}
  let liveFrom: bigint | undefined
  let fresh: EventEntry[] = []
  const owner = createLogOwner(settings, deps)
  const clock = new LogClock({ now: Date.now })
  const ended = new AbortController()
  const watchClock = createClockWatch({ log, metrics })

  const read = readLog(
    { bridgeId: settings.bridge_id, network: settings.network, dialect: settings.gossip_dialect },
    {
      decode: formats.fromEventRecord,
      observe: (id, offset, timestamp) => {
        siblings.advance(timestamp)
        return seen.observe(id, offset, timestamp)
      },
      passed: (next) => seen.passed(next),
      cameBy: (id) => cameBy(id),
      onEntry: (entry) => {
        const isFresh = liveFrom !== undefined && entry.offset >= liveFrom
        if (isFresh && isInstance(entry) && !settings.roles.includes('relay')) pulse.began(entry.event.id) // it writes none of its own
        takeNotice(entry, { siblings, heights, metrics, pulse, owner })
        if (isFresh) fresh.push(entry)
      },
      onUnreadable: (record, error) => {
        metrics.records.inc({ flow: 'read-log', outcome: 'unreadable' })
        log.warn({ err: error, topic, offset: record.offset.toString() }, 'a record of the log is no event and is passed over')
      },
      onForeignInstance: (instance, reason) => owner.foreignFound(instance, reason),
    },
  )

  const tail = createTail(
    { topic },
    {
      kafka,
      log,
      metrics: deps.kafkaMetrics,
      health,
      onRecords: async (records, next) => {
        for (const record of records) watchClock(record)
        recent.push(records) // before `read`, which wakes those who wait for them
        read(records)
        seen.passed(next) // behind the last record there may be batches that hold none
        const batch = fresh
        fresh = []
        if (liveFrom === undefined || next <= liveFrom) return
        clock.observe(records.at(-1)?.timestamp ?? clock.now())
        await deps.onBatch(batch, next)
      },
      onGap: (gap) => {
        recent.restart()
        if (gap.reason === 'topic-made-anew' || gap.reason === 'truncated') {
          seen.restart()
          pulse.restart()
          owner.restart()
          if (liveFrom !== undefined) liveFrom = gap.next // what comes now is new, whatever its offset
        }
        seen.passed(gap.next)
        log.warn({ topic, requested: gap.requested.toString(), next: gap.next.toString(), reason: gap.reason }, 'a gap in the log')
        deps.onGap(gap).catch((error: unknown) => log.error({ err: error }, 'browsers were not told of a gap in the log'))
      },
    },
  )
  const reader = createPartitionReader({ topic }, { kafka, log })

  return {
    tail,
    reader,
    seen,
    recent,
    siblings,
    ownHeight: () => heights.own,
    now: () => clock.now(),
    setCameBy: (listener) => {
      cameBy = listener
    },
    async start() {
      const { from, high } = await untilItWorks(() => readBackFrom(reader, settings.seen_window), health, ended.signal)
      liveFrom = high
      await deps.onBatch([], high)
      seen.passed(from)
      await tail.start(from)
      if (high > from) await seen.reached(high - 1n)
    },
    untilOurs: () => owner.untilOurs(ended.signal),
    async stop() {
      ended.abort()
      owner.stop()
      seen.stop()
      await Promise.all([tail.stop(), reader.stop()])
    },
  }
}

/**
 * Where to start so that what was seen is known: one window of log time before the end. The broker's clock decides, since
 * the records carry its time.
 */
async function readBackFrom(reader: PartitionReader, windowMs: number): Promise<{ from: bigint; high: bigint }> {
  const { low, high } = await reader.bounds()
  if (high <= low) return { from: high, high }
  const { records } = await reader.read(high - 1n)
  const last = records.at(-1)
  if (!last) return { from: low, high }
  return { from: await reader.offsetAt(last.timestamp - windowMs), high }
}

/** Tries again for ever: Kafka may come up after the bridge, and the topic may still have to be made. */
async function untilItWorks<T>(work: () => Promise<T>, health: PartHealth, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      health.notReady(`the log cannot be read yet: ${error instanceof Error ? error.message : error}`)
      await delay(RETRY_MS, undefined, { signal })
    }
  }
}

interface Known {
  readonly siblings: Siblings
  readonly heights: { own: number | undefined }
  readonly metrics: FlowMetrics
  readonly pulse: Pulse
  readonly owner: LogOwner
}

function isInstance({ event }: EventEntry): boolean {
  return event.type === 'instance'
}

/** What others have written here by mistake makes nobody a sibling, and moves no height. */
function takeNotice({ event, offset, timestamp }: EventEntry, { siblings, heights, metrics, pulse, owner }: Known): void {
  if (!owner.isOurs(event)) return
  if (event.type === 'instance') {
    owner.ownFound()
    siblings.observe(event.instance, timestamp)
    pulse.cameBy(event.id, offset)
  }
  if (event.type !== 'block') return
  metrics.lastBlockSeconds.set({ direction: event.origin === 'own' ? 'out' : 'in' }, event.receivedAt / 1000)
  if (event.origin === 'own') heights.own = Math.max(heights.own ?? 0, event.block.height)
}
