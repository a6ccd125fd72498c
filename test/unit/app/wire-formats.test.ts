import { describe, expect, it } from 'vitest'
import { createWireFormats } from '../../../src/app/wire-formats.ts'
import { wantedTopics } from '../../../src/cli/topics/wanted-topics.ts'
import { formatCursor } from '../../../src/events/entries/cursor.ts'
import { DEFAULT_EVENT_TYPES } from '../../../src/events/entries/event-kinds.ts'
import type { LogEvent } from '../../../src/events/event.ts'
import { logToBrowsers } from '../../../src/flows/log-to-browsers.ts'
import type { KafkaRecord } from '../../../src/kafka/record.ts'
import { announcedHash, contentOf, kindOf } from '../../../src/messages/announcement.ts'
import { readSchemas } from '../../../src/messages/codec/schemas.ts'
import { ENVELOPE_TYPES, OWN_SAMPLES, PEER_ID, PLAIN_TYPES, SAMPLES, SOURCED_TYPES } from '../../fixtures/announcements.ts'
import { settingsOf } from '../../support/bridge/settings.ts'

const settings = settingsOf({
  CLIENTNAME: 'node-a',
  KAFKA_BROKERS: 'localhost:9092',
  TOPIC_PREFIX: 'a.',
  ASSET_HTTPPUBLICADDRESS: 'http://teranode1.example.com:8090/api/v1',
})
const formatsOf = (dialect: string) => createWireFormats({ ...settings, gossip_dialect: dialect as 'plain' }, { schemas: readSchemas() })
const formats = formatsOf('plain')

function recordOf(topic: string, value: Buffer, headers = {}): KafkaRecord {
  return { topic, partition: 0, offset: 7n, timestamp: 1_751_878_800_000, key: null, value, headers, isProducerTime: false } as KafkaRecord
}

describe.each(SOURCED_TYPES)('an announcement of the kind %s', (type) => {
  const { source } = kindOf(type)
  if (source === null) throw new Error(`${type} has no in-topic`)
  const inTopic = recordOf(formats.topics[source.topic], formats.codec.encode(source.topic, OWN_SAMPLES[type]))

  it('comes from its in-topic', () => {
    expect(formats.toAnnouncement(inTopic)).toMatchObject(SAMPLES[type])
  })

  it('has an in-topic that `topics create` creates', () => {
    expect(wantedTopics(settings).map(({ name }) => name)).toContain(inTopic.topic)
  })
})

describe.each([
  ...PLAIN_TYPES.map((type) => ({ type, dialect: 'plain', prefix: 'bitcoin/mainnet' })),
  ...ENVELOPE_TYPES.map((type) => ({ type, dialect: 'envelope', prefix: 'teranode/bitcoin/1.0.0/mainnet' })),
])('an announcement of the kind $type in the dialect $dialect', ({ type, dialect, prefix }) => {
  const spoken = formatsOf(dialect)
  const gossipTopic = `${prefix}-${kindOf(type).gossip.suffix}`

  it('goes from gossip to the event log, and from there to browsers', () => {
    expect(spoken.gossipTopics.nameOf[type]).toBe(gossipTopic)
    expect(spoken.gossipTopics.kindOf(gossipTopic)).toBe(type)
    expect(spoken.dialect.sendFault(SAMPLES[type], PEER_ID)).toBeUndefined()
    const data = spoken.dialect.encode(SAMPLES[type], PEER_ID) ?? Buffer.alloc(0)
    expect(data.length).toBeLessThanOrEqual(spoken.gossipRules.maxBytes(type))
    const { announcement, claimedPeerId } = spoken.gossipRules.decode(type, data)
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
    const { value, headers } = spoken.toEventRecord({ ...heard, ...announcement })
    const event = spoken.fromEventRecord(recordOf(spoken.topics.events, value, headers)) as LogEvent
    const toItem = logToBrowsers({ formatCursor, teranodeNotification: () => null })
    const { data: shown } = JSON.parse(toItem({ event, offset: 7n, timestamp: 2 }).frame) as {
      data: Record<string, Record<string, unknown>>
    }
    expect(shown.type).toBe(type)
    expect(Object.keys(shown[kindOf(type).payload] ?? {})).toEqual(expect.arrayContaining(Object.keys(contentOf(SAMPLES[type]))))
    expect(DEFAULT_EVENT_TYPES).toContain(type)
  })
})

it('a topic that is not an in-topic with announcements is refused', () => {
  expect(() => formats.toAnnouncement(recordOf('a.ban-commands', Buffer.from('{}')))).toThrow('no topic with announcements')
})
