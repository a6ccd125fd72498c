import type { Logger } from 'pino'
import type { KafkaRecord } from '../../kafka/record.ts'
import type { Clock } from '../../lifecycle/clock.ts'
import type { PartHealth } from '../../lifecycle/health.ts'
import { sleep } from '../../lifecycle/time.ts'
import type { EventLogMetrics, EventLogReader, OpenTail, TailListener } from '../ports.ts'

export interface SchemaWaitOptions {
  /** Upper bound of one wait. A reachable registry names a schema, or says that it does not know it, within some 5 s. */
  readonly mostMs?: number
  readonly lookEachMs?: number
}

export interface SchemaWaitDeps {
  /** The id of the schema of a record that the registry has not named yet; it is asked for. Undefined for all other records. */
  readonly awaitedSchema: (record: KafkaRecord) => number | undefined
  readonly health: Pick<PartHealth, 'notReady'>
  readonly metrics: Pick<EventLogMetrics, 'records'>
  readonly log: Logger
  readonly clock: Pick<Clock, 'steady'>
}

const MOST_MS = 30_000
const LOOK_EACH_MS = 100
/** No record waits for an id that was waited for a moment ago: one that no registry knows would stop all readers again and again. */
const WAIT_AGAIN_AFTER_MS = 600_000
const MAX_WAITED = 1000

/**
 * Other programs may write events with schemas of their own, whose ids only a registry knows. The readers of the event log wait for its
 * answer, since all instances have to read the same. What it does not answer in time is passed over, as counted and logged by
 * passed-over.ts.
 */
export class SchemaWait {
  readonly #options: Required<SchemaWaitOptions>
  readonly #deps: SchemaWaitDeps
  /** When the wait for an id ended, by the steady clock. */
  readonly #waited = new Map<number, number>()
  readonly #ended = new AbortController()

  constructor({ mostMs = MOST_MS, lookEachMs = LOOK_EACH_MS }: SchemaWaitOptions, deps: SchemaWaitDeps) {
    this.#options = { mostMs, lookEachMs }
    this.#deps = deps
  }

  /** A tail whose listener gets its records when they can be decoded. */
  tail(open: OpenTail): OpenTail {
    return (listener) => {
      const tail = open({
        onRecords: (records, next) => {
          const named = this.#until(records)
          return named === undefined ? listener.onRecords(records, next) : named.then(() => this.#pass(listener, records, next))
        },
        onGap: (gap) => listener.onGap(gap),
      })
      return {
        start: (from) => tail.start(from),
        position: () => tail.position(),
        isLive: () => tail.isLive(),
        stop: () => this.#end(() => tail.stop()),
      }
    }
  }

  /** The same for random reads. */
  reader(reader: EventLogReader): EventLogReader {
    return {
      read: async (from, options) => {
        const page = await reader.read(from, options)
        await this.#until(page.records)
        this.#ended.signal.throwIfAborted()
        return page
      },
      bounds: () => reader.bounds(),
      offsetAt: (timeMs) => reader.offsetAt(timeMs),
      stop: () => this.#end(() => reader.stop()),
    }
  }

  /** Nothing is passed on at the end: it would count as unreadable. */
  async #pass(listener: TailListener, records: readonly KafkaRecord[], next: bigint): Promise<void> {
    if (!this.#ended.signal.aborted) await listener.onRecords(records, next)
  }

  #end(stop: () => Promise<void>): Promise<void> {
    this.#ended.abort(new Error('the event log has stopped'))
    return stop()
  }

  /** Undefined, in nearly all cases, when none of the records has to wait; else it resolves when they can be decoded, or not in time. */
  #until(records: readonly KafkaRecord[]): Promise<void> | undefined {
    const id = this.#awaitedIn(records)
    return id === undefined ? undefined : this.#wait(records, id)
  }

  async #wait(records: readonly KafkaRecord[], first: number): Promise<void> {
    const { health, metrics, log, clock } = this.#deps
    const { signal } = this.#ended
    const { mostMs, lookEachMs } = this.#options
    metrics.records.inc({ flow: 'read-event-log', outcome: 'waited-for-schema' })
    const startedAt = clock.steady()
    for (let id: number | undefined = first; id !== undefined && !signal.aborted; ) {
      const isLate = clock.steady() - startedAt >= mostMs
      if (isLate) {
        log.warn({ schemaId: id }, `the schema registry has not named a schema within ${mostMs / 1000} s: its events are passed over`)
      } else {
        health.notReady(`an event has the schema ${id}, which the schema registry has not named yet: see schema_registry_url`)
        await sleep(lookEachMs, signal)
      }
      if (isLate || this.#awaitedIn(records) !== id) this.#remember(id)
      id = this.#awaitedIn(records)
    }
  }

  #awaitedIn(records: readonly KafkaRecord[]): number | undefined {
    for (const record of records) {
      const id = this.#deps.awaitedSchema(record)
      if (id !== undefined && !this.#isWaited(id)) return id
    }
    return undefined
  }

  #isWaited(id: number): boolean {
    const endedAt = this.#waited.get(id)
    return endedAt !== undefined && this.#deps.clock.steady() - endedAt < WAIT_AGAIN_AFTER_MS
  }

  #remember(id: number): void {
    for (const oldest of this.#waited.keys()) {
      if (this.#waited.size < MAX_WAITED) break
      this.#waited.delete(oldest)
    }
    this.#waited.set(id, this.#deps.clock.steady())
  }
}
