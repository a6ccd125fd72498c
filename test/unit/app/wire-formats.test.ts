import { describe, expect, it } from 'vitest'
import { createWireFormats } from '../../../src/app/wire-formats.ts'
import { wantedTopics } from '../../../src/cli/topics/wanted-topics.ts'
import { formatCursor } from '../../../src/events/entries/cursor.ts'
import { DEFAULT_EVENT_TYPES } from '../../../src/events/entries/event-kinds.ts'
import type { LogEvent } from '../../../src/events/event.ts'
import { logToBrowsers } from '../../../src/flows/log-to-browsers.ts'
import type { KafkaRecord } from '../../../src/kafka/record.ts'
import { ANNOUNCEMENT_TYPES, announcedHash, contentOf, kindOf } from '../../../src/messages/announcement.ts'
import { readSchemas } from '../../../src/messages/codec/schemas.ts'
import { OWN_SAMPLES, PEER_ID, SAMPLES } from '../../fixtures/announcements.ts'
import { settingsOf } from '../../support/bridge/settings.ts'

const settings = settingsOf({
  CLIENTNAME: 'node-a',
  KAFKA_BROKERS: 'localhost:9092',
  TOPIC_PREFIX: 'a.',
  ASSET_HTTPPUBLICADDRESS: 'http://teranode1.example.com:8090/api/v1',
})
const formats = createWireFormats(settings, { schemas: readSchemas() })

function recordOf(topic: string, value: Buffer, headers = {}): KafkaRecord {
  return { topic, partition: 0, offset: 7n, timestamp: 1_751_878_800_000, key: null, value, headers, isProducerTime: false } as KafkaRecord
}

describe.each(ANNOUNCEMENT_TYPES)('an announcement of the kind %s', (type) => {
  const { source, gossip } = kindOf(type)
  const inTopic = recordOf(formats.topics[source.topic], formats.codec.encode(source.topic, OWN_SAMPLES[type]))
  const gossipTopic = `bitcoin/mainnet-${gossip.suffix}`

  it('goes from its in-topic to the gossip topic of its kind', () => {
    const announcement = formats.toAnnouncement(inTopic)
    expect(announcement).toEqual(SAMPLES[type])
    expect(formats.gossipTopics.nameOf[type]).toBe(gossipTopic)
    expect(formats.encodeGossip(SAMPLES[type], PEER_ID).length).toBeLessThanOrEqual(formats.gossipRules.maxBytes(type))
  })

  it('goes from gossip to the event log, and from there to browsers', () => {
    const kind = formats.gossipTopics.kindOf(gossipTopic)
    expect(kind).toBe(type)
    const { announcement, claimedPeerId } = formats.gossipRules.decode(type, formats.encodeGossip(SAMPLES[type], PEER_ID))
    if (!announcement) throw new Error('the message is no announcement')
    expect([announcedHash(announcement), claimedPeerId]).toEqual([announcedHash(SAMPLES[type]), PEER_ID])
    const heard = {
      id: 'ab'.repeat(16),
      network: 'mainnet',
      bridgeId: 'node-a',
      origin: 'network',
      peerId: PEER_ID,
      receivedAt: 1,
    } as const
    const { value, headers } = formats.toEventRecord({ ...heard, ...announcement })
    const event = formats.fromEventRecord(recordOf(formats.topics.events, value, headers)) as LogEvent
    const toItem = logToBrowsers({ formatCursor, teranodeNotification: () => null })
    const { data } = JSON.parse(toItem({ event, offset: 7n, timestamp: 2 }).frame) as { data: Record<string, Record<string, unknown>> }
    expect(data.type).toBe(type)
    expect(Object.keys(data[kindOf(type).payload] ?? {})).toEqual(Object.keys(contentOf(SAMPLES[type])))
    expect(DEFAULT_EVENT_TYPES).toContain(type)
  })

  it('has an in-topic that `topics create` creates', () => {
    expect(wantedTopics(settings).map(({ name }) => name)).toContain(inTopic.topic)
  })
})

it('a topic that is not an in-topic with announcements is refused', () => {
  expect(() => formats.toAnnouncement(recordOf('a.ban-commands', Buffer.from('{}')))).toThrow('no topic with announcements')
})
