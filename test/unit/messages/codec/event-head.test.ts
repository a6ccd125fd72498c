import { expect, test } from 'vitest'
import { toEventRecord } from '../../../../src/events/entries/event-record.ts'
import type { LogEvent } from '../../../../src/events/event.ts'
import { createCodec } from '../../../../src/messages/codec/codec.ts'
import { createEventHeadReader } from '../../../../src/messages/codec/event-head.ts'
import { readSchemas } from '../../../../src/messages/codec/schemas.ts'

const schemas = readSchemas()
const codec = createCodec({}, { schemas })
const readHead = createEventHeadReader(schemas)
const event: LogEvent = {
  id: '0123456789abcdef0123456789abcdef',
  network: 'regtest',
  bridgeId: 'b',
  origin: 'network',
  peerId: 'peer',
  receivedAt: 1,
  type: 'subtree',
  subtree: { hash: 'a'.repeat(64), dataHubUrl: 'https://node.example.org' },
}
const { value } = toEventRecord(event, codec)

test('reads the id and the type of an event', () => {
  expect(readHead(value)).toEqual({ id: event.id, type: 'subtree' })
  const ban = { id: event.id, network: 'n', bridgeId: 'b', origin: 'own', peerId: null, receivedAt: 1, type: 'of a later version' }
  expect(readHead(codec.encode('events', ban))).toEqual({ id: event.id, type: 'of a later version' })
})

test('leaves everything else to the whole decoding', () => {
  const json = toEventRecord(event, createCodec({ encodings: { events: 'json' } }, { schemas })).value
  const otherSchema = Buffer.from(value)
  otherSchema.writeUInt32BE(4_000_000, 1)
  const others = { null: null, empty: Buffer.alloc(0), short: value.subarray(0, 4), cut: value.subarray(0, 100), json, otherSchema }
  for (const [name, bytes] of Object.entries(others)) expect(readHead(bytes), name).toBeUndefined()
  expect(readHead(Buffer.concat([value, Buffer.from('x')]))).toBeUndefined()
})

test('reads every version of the schema', () => {
  const written = schemas.filter(({ role }) => role === 'events')
  for (const { id, version } of written) {
    const bytes = createCodec({ atLeast: { events: version } }, { schemas }).encode('events', event)
    expect(bytes.readUInt32BE(1)).toBe(id)
    expect({ id, head: readHead(bytes) }).toEqual({ id, head: { id: event.id, type: 'subtree' } })
  }
})
