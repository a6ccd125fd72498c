import { describe, expect, it } from 'vitest'
import { fromEventRecord, toEventRecord } from '../../../../src/events/entries/event-record.ts'
import { toValidationRecord } from '../../../../src/events/entries/validation-record.ts'
import type { LogEvent } from '../../../../src/events/event.ts'
import { parseAvroType } from '../../../../src/messages/codec/avro-type.ts'
import { createCodec } from '../../../../src/messages/codec/codec.ts'
import { readSchemas, schemasOf } from '../../../../src/messages/codec/schemas.ts'
import { BadInputError } from '../../../../src/messages/errors.ts'
import { BLOCK_1_HASH, DATA_HUB_URL, PEER_ID } from '../../../fixtures/announcements.ts'

const schemas = readSchemas()
const avro = createCodec({}, { schemas })
const json = createCodec({ encodings: { events: 'json', blocks: 'json' } }, { schemas })

const base = { id: '0123456789abcdef0123456789abcdef', network: 'regtest', bridgeId: 'bridge', receivedAt: 1_751_878_800_123 } as const
const own = { ...base, origin: 'own', peerId: null } as const
const sync: LogEvent = {
  ...base,
  origin: 'network',
  peerId: PEER_ID,
  type: 'sync',
  sync: { hash: BLOCK_1_HASH, height: 1, dataHubUrl: DATA_HUB_URL },
}
const ban: LogEvent = {
  ...own,
  type: 'ban',
  ban: { action: 'add', key: '203.0.113.0/24', until: null, reason: 'spam', changed: true, cause: 'ban-commands:0:1' },
}
const instance: LogEvent = {
  ...own,
  type: 'instance',
  instance: { instanceId: 'i', peerId: null, version: '1', dialect: 'plain', state: 'live' },
}

describe.each([
  ['avro', avro],
  ['json', json],
])('an event of the bridge itself in %s', (_, codec) => {
  it.each([sync, ban, instance])('comes back from its record: $type', (event) => {
    const record = toEventRecord(event, codec)
    expect(record.key).toBe(event.id)
    expect(fromEventRecord(record, codec)).toMatchObject(event)
  })
})

describe('the headers of an event', () => {
  it('say what it is without decoding it', () => {
    expect(toEventRecord(ban, avro).headers).toEqual({
      type: 'ban',
      schema: avro.schemaHeader('events'),
      network: 'regtest',
      'bridge-id': 'bridge',
      'received-at': '2025-07-07T09:00:00.123Z',
    })
    expect(toEventRecord(sync, avro).headers).toMatchObject({ 'peer-id': PEER_ID, 'url-host': 'name' })
  })
})

describe('an instance record', () => {
  it('names its process in a header, which older releases neither write nor read', () => {
    const named = { ...instance, instance: { ...instance.instance, startId: 'start-1' } }
    const { value, headers } = toEventRecord(named, avro)
    expect(headers['start-id']).toBe('start-1')
    expect(fromEventRecord({ value, headers }, avro)).toEqual(named)
    expect(fromEventRecord({ value, headers: {} }, avro)).toEqual(instance)
    expect(toEventRecord(instance, avro).headers['start-id']).toBeUndefined()
  })
})

describe('an entry of the event log', () => {
  it('of a type of a newer version is neither an event nor an error', () => {
    const value = avro.encode('events', { ...own, type: 'to-come' })
    expect(fromEventRecord({ value, headers: {} }, avro)).toBeUndefined()
    expect(fromEventRecord({ value: avro.encode('events', { ...own, type: 'toString' }), headers: {} }, avro)).toBeUndefined()
  })

  it('of an instance of a newer version is read as far as this one knows it', () => {
    const known = { ...instance, instance: { ...instance.instance, version: '99.0.0' } }
    const newer = { ...known, zone: 'b', instance: { ...known.instance, roles: ['relay'], zone: { name: 'b' }, load: 0.5 } }
    expect(fromEventRecord({ value: Buffer.from(JSON.stringify(newer)), headers: {} }, avro)).toEqual(known)

    const schema = schemasOf(schemas, 'events').newest
    const next = JSON.parse(schema.text) as { fields: { name: string; type: unknown }[] }
    next.fields.unshift({ name: 'zone', type: 'string' })
    const branch = next.fields.find(({ name }) => name === 'instance')?.type as [null, { fields: unknown[] }]
    branch[1].fields.unshift({ name: 'load', type: 'double' })
    const version2 = { ...schema, id: 1002, version: schema.version + 1, text: JSON.stringify(next) }
    const body = parseAvroType(version2.text).toBuffer(newer)
    const framed = Buffer.concat([Buffer.from([0, 0, 0, 1002 >> 8, 1002 & 255]), body])
    const withRegistry = createCodec({}, { schemas, lookup: (id) => (id === version2.id ? { schemaText: version2.text } : 'unknown') })
    expect(fromEventRecord({ value: framed, headers: {} }, withRegistry)).toEqual(known)
    // Without a registry nobody can know its shape: the entry is passed over, and said.
    expect(() => fromEventRecord({ value: framed, headers: {} }, avro)).toThrow(expect.objectContaining({ reason: 'unknown-schema' }))
  })

  it('is bad input when its content is missing or its origin unknown', () => {
    expect(() => fromEventRecord({ value: avro.encode('events', { ...own, type: 'block' }), headers: {} }, avro)).toThrow(BadInputError)
    expect(() => fromEventRecord({ value: avro.encode('events', { ...ban, origin: 'elsewhere' } as never), headers: {} }, avro)).toThrow(
      'has the origin "elsewhere"',
    )
    expect(() => fromEventRecord({ value: null, headers: {} }, avro)).toThrow(BadInputError)
  })
})

describe('a record for the validation services', () => {
  it('has the best block of a peer that is ahead, with the id of the event', () => {
    const derived = toValidationRecord(sync, { codec: json, keyForm: 'text' })
    expect(derived?.topic).toBe('blocks')
    expect(derived?.record.key).toBe(BLOCK_1_HASH)
    expect(derived?.record.headers).toMatchObject({ type: 'sync', schema: 'BlockAnnouncement:7', 'peer-id': PEER_ID })
    expect(JSON.parse(derived?.record.value.toString() ?? '')).toEqual({
      hash: BLOCK_1_HASH,
      url: DATA_HUB_URL,
      peerId: PEER_ID,
      height: 1,
      eventId: base.id,
    })
  })

  it('is what Teranode reads, where the encoding is Protobuf and the key is bytes', () => {
    const codec = createCodec({ encodings: { blocks: 'protobuf' } }, { schemas: readSchemas() })
    const written = toValidationRecord(sync, { codec, keyForm: 'bytes' })
    expect(written?.record.headers).toMatchObject({ type: 'sync', schema: 'kafkamessage.KafkaBlockTopicMessage', 'peer-id': PEER_ID })
    expect(
      Buffer.from(written?.record.key ?? '')
        .reverse()
        .toString('hex'),
    ).toBe(BLOCK_1_HASH)
    const fields = [BLOCK_1_HASH, DATA_HUB_URL, PEER_ID].map((text, at) => [String.fromCharCode(((at + 1) << 3) | 2, text.length), text])
    expect(written?.record.value.toString()).toBe(fields.flat().join(''))
  })

  it('does not exist for bans and instances', () => {
    expect(toValidationRecord(ban, { codec: avro, keyForm: 'text' })).toBeUndefined()
    expect(toValidationRecord(instance, { codec: avro, keyForm: 'text' })).toBeUndefined()
  })
})
