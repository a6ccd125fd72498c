import type { Settings } from '../config/settings.ts'
import { gossipSuffixes, moreGossipSuffixes, topicEncodings, topicNames } from '../config/topic-names.ts'
import { announcementId } from '../events/entries/event-id.ts'
import { type EventRecord, fromEventRecord, toEventRecord } from '../events/entries/event-record.ts'
import type { Occurrence } from '../events/entries/occurrence.ts'
import { toValidationRecord, type ValidationRecord } from '../events/entries/validation-record.ts'
import type { LogEvent } from '../events/event.ts'
import type { KafkaRecord } from '../kafka/record.ts'
import type { Announcement } from '../messages/announcement.ts'
import { type Codec, type CodecDeps, createCodec } from '../messages/codec/codec.ts'
import { createEventHeadReader, type EventHead } from '../messages/codec/event-head.ts'
import { schemasOf } from '../messages/codec/schemas.ts'
import type { Dialect, DialectOptions } from '../messages/dialects/dialect.ts'
import { createDialect } from '../messages/dialects/dialects.ts'
import type { GossipTopics } from '../messages/dialects/gossip-topics.ts'
import { ownAnnouncement } from '../messages/own-announcement.ts'
import { createGossipRules, type GossipRules } from '../messages/rules/gossip-rules.ts'
import { ANNOUNCEMENT_TOPICS, type AnnouncementTopic, type TopicRole } from '../messages/topics.ts'

/** Names and encodings of everything that this bridge sends or receives: pure functions, bound to its settings. */
export interface WireFormats {
  readonly topics: Readonly<Record<TopicRole, string>>
  readonly dialect: Dialect
  readonly gossipTopics: GossipTopics
  readonly gossipRules: GossipRules
  readonly codec: Codec
  /** The Avro schema as which events are read, as text. */
  readonly eventSchema: string
  /** The own announcement in a record of an in-topic. Undefined for a notification of another node. Throws BadInputError. */
  toAnnouncement(record: KafkaRecord): Announcement | undefined
  announcementId(announcement: Announcement, source: string, occurrence: Occurrence): string
  toEventRecord(event: LogEvent): EventRecord
  /** Undefined for a type that this version does not know. Throws BadInputError. */
  fromEventRecord(record: KafkaRecord): LogEvent | undefined
  /** Id and type of an event; undefined for a record that has to be decoded whole. */
  peekEventRecord(record: KafkaRecord): EventHead | undefined
  /** The id of an event's schema that the registry has not named yet; undefined for all other records. */
  awaitedSchema(record: KafkaRecord): number | undefined
  toValidationRecord(event: LogEvent): ValidationRecord | undefined
}

/** The schemas for reading and writing. */
export type WireFormatsDeps = CodecDeps

/** The base URL in the own node's announcements. */
export function ownDataHubUrl(settings: Settings): string {
  return settings.asset_httpPublicAddress || settings.asset_httpAddress
}

export function createWireFormats(settings: Settings, deps: WireFormatsDeps): WireFormats {
  const topics = topicNames(settings)
  const dialect = createDialect(settings.gossip_dialect, dialectOptions(settings))
  const codec = createCodec({ encodings: topicEncodings(settings), atLeast: dialect.schemaVersions }, deps)
  const readHead = createEventHeadReader(deps.schemas)
  const own = { dataHubUrl: ownDataHubUrl(settings), clientName: settings.clientName }
  const roleOf = new Map<string, AnnouncementTopic>(ANNOUNCEMENT_TOPICS.map((role) => [topics[role], role]))
  return {
    topics,
    codec,
    eventSchema: schemasOf(deps.schemas, 'events').newest.text,
    dialect,
    gossipTopics: dialect.topics,
    gossipRules: createGossipRules({ minBlockWork: settings.min_block_work, requireBlockHeader: settings.require_block_header }, dialect),
    toAnnouncement: (record) => {
      const role = roleOf.get(record.topic)
      if (!role) throw new Error(`${record.topic} is no topic with announcements of the own node`)
      return ownAnnouncement(role, codec.decodeRecord(role, record), own)
    },
    announcementId: (announcement, source, occurrence) => announcementId(settings.network, announcement, source, occurrence),
    toEventRecord: (event) => toEventRecord(event, codec),
    fromEventRecord: (record) => fromEventRecord(record, codec),
    peekEventRecord: ({ value }) => readHead(value),
    awaitedSchema: ({ value }) => codec.awaitedSchema('events', value),
    toValidationRecord: (event) => toValidationRecord(event, { codec, keyForm: settings.kafka_key_form }),
  }
}

function dialectOptions(settings: Settings): DialectOptions {
  return {
    network: settings.network,
    suffixes: gossipSuffixes(settings),
    moreSuffixes: moreGossipSuffixes(settings),
    allowPrivateUrls: settings.allow_private_urls,
    blacklistedHosts: new Set(settings.subtreevalidation_blacklisted_baseurls),
    clientName: settings.clientName,
  }
}
