import type { KafkaRecord } from '../../kafka/record.ts'
import type { InstanceState, LogEvent } from '../event.ts'

/** An event with its place in the log. `timestamp` is the broker's, in milliseconds since the epoch. */
export interface EventEntry {
  readonly event: LogEvent
  readonly offset: bigint
  readonly timestamp: number
}

export interface ReadLogOptions {
  readonly bridgeId: string
  readonly network: string
  readonly dialect: string
}

export interface ReadLogDeps {
  /** Undefined for an event of a type that this version does not know. Throws for what is no event. */
  readonly decode: (record: KafkaRecord) => LogEvent | undefined
  /** Keeps what was seen; true when no copy stands in the window before. */
  readonly observe: (id: string, offset: bigint, timestamp: number) => boolean
  /** There is nothing for anybody at the offset before `next`. */
  readonly passed: (next: bigint) => void
  /** An entry that is understood and not a repeat. */
  readonly onEntry: (entry: EventEntry) => void
  /** Every id that comes by, repeats too: what waits to be written need not be any more. */
  readonly cameBy: (id: string) => void
  /** A record that is no event: bad input in the own log, which is said and passed over. */
  readonly onUnreadable: (record: KafkaRecord, error: unknown) => void
  /** A record of an instance of somebody else's bridge stands here: the topic is shared by mistake. */
  readonly onForeignInstance: (instance: InstanceState, reason: string) => void
}

/** The own tail of the log: what every instance takes from it, in the log's one order. */
export function readLog(options: ReadLogOptions, deps: ReadLogDeps): (records: readonly KafkaRecord[]) => void {
  return (records) => {
    for (const record of records) {
      const event = decodeOrPass(record, deps)
      if (!event) {
        deps.passed(record.offset + 1n)
        continue
      }
      const isFirst = deps.observe(event.id, record.offset, record.timestamp)
      deps.cameBy(event.id)
      if (event.type === 'instance') reportForeign(event, options, deps)
      if (isFirst) deps.onEntry({ event, offset: record.offset, timestamp: record.timestamp })
    }
  }
}

function decodeOrPass(record: KafkaRecord, deps: ReadLogDeps): LogEvent | undefined {
  try {
    return deps.decode(record)
  } catch (error) {
    deps.onUnreadable(record, error)
    return undefined
  }
}

function reportForeign(event: Extract<LogEvent, { type: 'instance' }>, own: ReadLogOptions, deps: ReadLogDeps): void {
  const found = { bridge_id: event.bridgeId, network: event.network, gossip_dialect: event.instance.dialect }
  const expected = { bridge_id: own.bridgeId, network: own.network, gossip_dialect: own.dialect }
  for (const name of ['bridge_id', 'network', 'gossip_dialect'] as const) {
    if (found[name] === expected[name]) continue
    deps.onForeignInstance(
      event.instance,
      `the log belongs to another bridge: an instance record there has ${name} ${JSON.stringify(found[name])}, this bridge has ${JSON.stringify(expected[name])}; give each bridge a topic_prefix of its own`,
    )
    return
  }
}
