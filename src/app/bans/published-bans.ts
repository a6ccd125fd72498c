import type { Logger } from 'pino'
import { type PublishedBans, readBanTopic } from '../../bans/published/read-ban-topic.ts'
import type { KafkaConnection } from '../../kafka/client/connection.ts'
import { withTopicReaders } from '../../kafka/reader/topic-readers.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import type { Codec } from '../../messages/codec/codec.ts'
import { whenSchemaKnown } from '../../registry/when-schema-known.ts'

export interface PublishedBansDeps {
  readonly kafka: KafkaConnection
  readonly codec: Codec
  readonly log: Logger
}

/** Reads the ban list from the compacted topic of current bans, the only source without the database. */
export function readPublishedBans({ topic }: { topic: string }, { kafka, codec, log }: PublishedBansDeps): Promise<PublishedBans> {
  return withTopicReaders({ topic }, { clock: SYSTEM_CLOCK, kafka, log }, (readers) =>
    readBanTopic({
      readers,
      decode: (value) => whenSchemaKnown(() => codec.decode('bans', value), { clock: SYSTEM_CLOCK }),
      onUnreadable: (unusable) => log.warn({ topic, ...unusable }, 'records of the current bans are no bans and ban nobody'),
    }),
  )
}
