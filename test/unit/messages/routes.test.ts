import { describe, expect, it } from 'vitest'
import { announcementId } from '../../../src/events/entries/event-id.ts'
import { fromEventRecord, toEventRecord } from '../../../src/events/entries/event-record.ts'
import { toValidationRecord } from '../../../src/events/entries/validation-record.ts'
import { createCodec } from '../../../src/messages/codec/codec.ts'
import { readSchemas } from '../../../src/messages/codec/schemas.ts'
import { decodePlain, encodePlain } from '../../../src/messages/dialects/plain.ts'
import { teranodeNotification } from '../../../src/messages/dialects/teranode-notification.ts'
import { fromNotification, fromRejectedTx } from '../../../src/messages/notification.ts'
import { ANNOUNCEMENT_TYPES, announcedHash, announcedUrl, ROUTES } from '../../../src/messages/routes.ts'
import { DATA_HUB_URL, PEER_ID, SAMPLES } from '../../fixtures/announcements.ts'

const codec = createCodec({}, { schemas: readSchemas() })

describe.each(ANNOUNCEMENT_TYPES)('the route of %s', (type) => {
  const sample = SAMPLES[type]
  const route = ROUTES[type]
  const event = {
    id: announcementId('mainnet', sample, PEER_ID),
    network: 'mainnet',
    bridgeId: 'a-bridge',
    origin: 'network',
    peerId: PEER_ID,
    receivedAt: 1_751_878_800_000,
    ...sample,
  } as const

  it('names the property in which the content stands', () => {
    expect(sample).toHaveProperty(route.payload)
  })

  it('leads through gossip and back, within its size', () => {
    const data = encodePlain(sample, { peerId: PEER_ID })
    expect(data.length).toBeLessThan(route.maxBytes)
    expect(decodePlain(type, data, { allowPrivateUrls: false })).toEqual({ announcement: sample, claimedPeerId: PEER_ID })
  })

  it('leads through the log and back', () => {
    const { key, value, headers } = toEventRecord(event, codec)
    expect(key).toBe(event.id)
    expect(headers).toMatchObject({ type, schema: 'Event:6', network: 'mainnet', 'bridge-id': 'a-bridge', 'peer-id': PEER_ID })
    expect(fromEventRecord(value, codec)).toEqual(event)
  })

  it('begins at its in-topic', () => {
    expect(fromSource(type)).toEqual(sample)
  })

  it('ends at its validation topic, if it has one', () => {
    const derived = toValidationRecord(event, codec)
    expect(derived?.topic ?? null).toBe(route.validation)
    if (!derived) return
    expect(derived.record.key).toBe(announcedHash(sample))
    expect(derived.record.headers).toMatchObject({ type, 'peer-id': PEER_ID, 'url-host': 'name' })
    const value = codec.decode(derived.topic, derived.record.value)
    expect(value).toMatchObject({ hash: announcedHash(sample), url: announcedUrl(sample), peerId: PEER_ID, eventId: event.id })
    expect(toValidationRecord({ ...event, origin: 'own' }, codec)).toBeUndefined()
  })

  it('has a notification for Teranode clients exactly where Teranode shows it', () => {
    const text = teranodeNotification(event, 'own-peer')
    expect(text === null ? null : JSON.parse(text).type).toBe(route.teranodeType)
  })
})

/** Through the bytes of the in-topic, as the node's own service would write them. */
function fromSource(type: (typeof ANNOUNCEMENT_TYPES)[number]) {
  const { source } = ROUTES[type]
  if (source.role === 'rejectedTx') {
    const { txId: txHash, reason } = SAMPLES['rejected-tx'].rejectedTx
    return fromRejectedTx(codec.decode('rejectedTx', codec.encode('rejectedTx', { txHash, reason, peerId: null })))
  }
  const empty = { height: null, header: null, previousHash: null, miner: null, sizeInBytes: null, txCount: null }
  const { [ROUTES[type].payload]: content } = SAMPLES[type] as unknown as Record<string, { hash: string }>
  const value = { ...empty, hash: '', ...content, type: source.type }
  return fromNotification(codec.decode('notifications', codec.encode('notifications', value)), { dataHubUrl: DATA_HUB_URL })
}
