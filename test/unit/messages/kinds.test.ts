import { describe, expect, it, test } from 'vitest'
import { settingsDocument } from '../../../src/config/printing/document.ts'
import { announcementId } from '../../../src/events/entries/event-id.ts'
import { EVENT_KINDS } from '../../../src/events/entries/event-kinds.ts'
import { fromEventRecord, toEventRecord } from '../../../src/events/entries/event-record.ts'
import { toValidationRecord } from '../../../src/events/entries/validation-record.ts'
import { ANNOUNCEMENT_TYPES, announcedHash, contentOf, kindOf } from '../../../src/messages/announcement.ts'
import { createCodec } from '../../../src/messages/codec/codec.ts'
import { readSchemas } from '../../../src/messages/codec/schemas.ts'
import type { NodeStatus } from '../../../src/messages/dialects/envelope/node-status.ts'
import { envelopeNotification } from '../../../src/messages/dialects/envelope/notification.ts'
import { teranodeNotification } from '../../../src/messages/dialects/teranode-notification.ts'
import { ownAnnouncement } from '../../../src/messages/own-announcement.ts'
import { kindRows } from '../../../src/messages/page-rows.ts'
import { ANNOUNCEMENT_TOPICS, groupTopics } from '../../../src/messages/topics.ts'
import { DATA_HUB_URL, OWN_SAMPLES, PEER_ID, SAMPLES, SOURCED_TYPES } from '../../fixtures/announcements.ts'

const codec = createCodec({ atLeast: { events: 2 } }, { schemas: readSchemas() })

describe.each(ANNOUNCEMENT_TYPES)('the kind %s', (type) => {
  const sample = SAMPLES[type]
  const kind = kindOf(type)
  const event = {
    id: announcementId('mainnet', sample, PEER_ID, { sequenceNumber: 7n }),
    network: 'mainnet',
    bridgeId: 'a-bridge',
    origin: 'network',
    peerId: PEER_ID,
    receivedAt: 1_751_878_800_000,
    ...sample,
  } as const

  it('names the property in which the content stands', () => {
    expect(sample).toHaveProperty(kind.payload)
  })

  it('travels by gossip and back in at least one dialect, within its size', () => {
    const forms = [kind.plain, kind.envelope].filter((form) => form !== null)
    expect(forms.length).toBeGreaterThan(0)
    for (const form of forms) {
      const data = Buffer.from(`{${form.encode(contentOf(sample), { peerId: JSON.stringify(PEER_ID), clientName: '"a-node"' })}}`)
      expect(data.length).toBeLessThan(form.maxSentBytes)
      expect(form.maxSentBytes).toBeLessThanOrEqual(form.maxBytes)
      const { content, claimedPeerId } = form.decode(data, { allowPrivateUrls: false })
      expect([content, claimedPeerId]).toMatchObject([{ [kind.hash]: announcedHash(sample) }, PEER_ID])
    }
  })

  it('travels through the event log and back', () => {
    const { key, value, headers } = toEventRecord(event, codec)
    expect(key).toBe(event.id)
    expect(headers).toMatchObject({
      type,
      schema: codec.schemaHeader('events'),
      network: 'mainnet',
      'bridge-id': 'a-bridge',
      'peer-id': PEER_ID,
    })
    expect(fromEventRecord({ value, headers }, codec)).toMatchObject(event)
  })

  it('has content with the properties that its row names', () => {
    const { hash, url, header, page, teranode } = kind
    const shown = [page.title, ...page.details].flatMap((part) => (part ? [part.property] : []))
    const named = [hash, url, header, ...shown, ...Object.values(teranode?.members ?? {})].filter((property) => property !== null)
    // Older dialects do not tell the sender's name.
    expect([...Object.keys(contentOf(sample)), 'clientName']).toEqual(expect.arrayContaining(named))
  })

  it('is an event with the same content and URL', () => {
    expect(EVENT_KINDS[type]).toMatchObject({ payload: kind.payload, url: kind.url })
  })

  it('has a setting with the suffix of its gossip topic', () => {
    expect(settingsDocument()).toContain(`\`p2p_${kind.gossip.setting}_topic\``)
  })

  it('ends at its validation topic, if it has one', () => {
    const derived = toValidationRecord(event, { codec, keyForm: 'text' })
    expect(derived?.topic ?? null).toBe(kind.validation?.topic ?? null)
    if (!derived) return
    expect(derived.record.key).toBe(announcedHash(sample))
    expect(derived.record.headers).toMatchObject({ type, 'peer-id': PEER_ID, 'url-host': 'name' })
    const value = codec.decode(derived.topic, derived.record.value)
    expect(value).toMatchObject({
      hash: announcedHash(sample),
      url: kind.url === null ? undefined : contentOf(sample)[kind.url],
      peerId: PEER_ID,
      eventId: event.id,
    })
    expect(toValidationRecord({ ...event, origin: 'own' }, { codec, keyForm: 'text' })).toBeUndefined()
  })

  it('has a notification for Teranode clients exactly where Teranode shows it', () => {
    const shown = (text: string | null) => (text === null ? null : JSON.parse(text).type)
    expect(shown(teranodeNotification(event, 'own-peer'))).toBe((kind.plain && kind.teranode?.type) ?? null)
    expect(shown(envelopeNotification(event, 'own-peer'))).toBe((kind.envelope && kind.teranode?.type) ?? null)
  })
})

test.each(SOURCED_TYPES)('the kind %s comes from its in-topic', (type) => {
  const topic = kindOf(type).source?.topic ?? 'notifications'
  const value = codec.decode(topic, codec.encode(topic, OWN_SAMPLES[type]))
  expect(ownAnnouncement(topic, value, { dataHubUrl: DATA_HUB_URL, clientName: 'a-node' })).toMatchObject(SAMPLES[type])
})

test('both groups read every in-topic that a kind comes from, and each of those brings a kind', () => {
  const sources = new Set(ANNOUNCEMENT_TYPES.flatMap((type) => kindOf(type).source?.topic ?? []))
  expect([...sources].sort()).toEqual([...ANNOUNCEMENT_TOPICS].sort())
  expect(groupTopics('log')).toEqual(expect.arrayContaining([...sources]))
})

test('no two kinds share a payload, a setting, a suffix, or a text of type in one topic', () => {
  const kinds = ANNOUNCEMENT_TYPES.map(kindOf)
  const keys = kinds.flatMap(({ payload, gossip, source }) => [
    `payload ${payload}`,
    `setting ${gossip.setting}`,
    `suffix ${gossip.suffix}`,
    ...(source ? [`source ${source.topic} ${source.type}`] : []),
  ])
  expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([])
})

test('a status is a new state when it says something new, and once a minute by the clock of its node', () => {
  const { nodeStatus } = SAMPLES['node-status']
  const stateOf = (changes: Partial<NodeStatus>) =>
    kindOf('node-status').stateOf?.({ ...nodeStatus, startTime: 600n, uptime: 0, ...changes })
  const state = stateOf({})
  for (const same of [{ uptime: 59.9 }, { txCount: 1n }, { connectedPeersCount: 99n }, { subtreeCount: 1 }, { syncPeerHeight: 9 }]) {
    expect(stateOf(same)).toBe(state)
  }
  for (const other of [
    { uptime: 60 },
    { bestHeight: 2 },
    { bestBlockHash: '' },
    { fsmState: 'IDLE' },
    { dataHubUrl: '' },
    { listenMode: 'silent' },
  ]) {
    expect(stateOf(other)).not.toBe(state)
  }
})

test('the page has rows for the kinds that can occur', () => {
  const rowsOf = (nodeStatusTopic: string) => kindRows({ nameOf: { 'node-status': nodeStatusTopic } } as never).map(({ type }) => type)
  expect(rowsOf('any-node_status')).toEqual(ANNOUNCEMENT_TYPES)
  expect(rowsOf('')).toEqual(SOURCED_TYPES)
})

test('the state of a status is short, whatever the status: many are remembered', () => {
  const long = { ...SAMPLES['node-status'].nodeStatus, dataHubUrl: `http://a.example/${'x'.repeat(2000)}` }
  expect(kindOf('node-status').stateOf?.(long).length).toBeLessThanOrEqual(64)
})
