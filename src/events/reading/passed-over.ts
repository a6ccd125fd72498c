import type { Logger } from 'pino'
import type { KafkaRecord } from '../../kafka/record.ts'
import { RareLog } from '../../lifecycle/rare-log.ts'
import type { EventLogMetrics } from '../ports.ts'

export interface PassedOverDeps {
  readonly metrics: EventLogMetrics
  readonly log: Logger
}

const UNREADABLE = 'a record of the event log is no event and is passed over'
const UNKNOWN_TYPE = 'events of a type that this version does not know are passed over: another instance runs a newer version'

/** Records of the event log that this version cannot use. They are counted and logged, at most once a second, and block nothing. */
export class PassedOver {
  readonly #metrics: EventLogMetrics
  readonly #unreadable: RareLog
  readonly #unknownType: RareLog
  #last: { readonly offset: string; readonly err?: unknown } | undefined

  constructor({ metrics, log }: PassedOverDeps) {
    this.#metrics = metrics
    this.#unreadable = new RareLog({}, { say: (records) => log.warn({ records, ...this.#last }, UNREADABLE) })
    this.#unknownType = new RareLog({}, { say: (records) => log.warn({ records }, UNKNOWN_TYPE) })
  }

  unreadable({ topic, offset }: KafkaRecord, err: unknown): void {
    this.#metrics.records.inc({ flow: 'read-event-log', outcome: 'unreadable' })
    this.#last = { offset: offset.toString(), err }
    this.#unreadable.count(topic)
  }

  unknownType({ headers: { type = 'unknown' } }: KafkaRecord): void {
    this.#metrics.records.inc({ flow: 'read-event-log', outcome: 'unknown-type' })
    this.#unknownType.count(type.slice(0, 40))
  }

  stop(): void {
    this.#unreadable.stop()
    this.#unknownType.stop()
  }
}
