import { expect, test } from 'vitest'
import { findTopic, recordLine, type ValueDecoder } from '../../../../src/cli/tail/record-line.ts'
import { topicNames } from '../../../../src/config/topic-names.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'
import { createCodec } from '../../../../src/messages/codec/codec.ts'
import { readSchemas } from '../../../../src/messages/codec/schemas.ts'
import { settingsOf } from '../../../support/bridge/settings.ts'

const codec = createCodec({}, { schemas: readSchemas() })
const decode: ValueDecoder = async (role, record) => codec.decodeRecord(role, record)

function record(value: Buffer | null, more: Partial<KafkaRecord> = {}): KafkaRecord {
  return { topic: 't', partition: 1, offset: 7n, key: Buffer.from('k'), value, headers: { type: 'x' }, timestamp: 0, ...more }
}

test('a record is one line with its place, key, headers and decoded value, without null fields', async () => {
  const bytes = codec.encode('rejectedTx', { txHash: 'ab', reason: 'fee too low', peerId: null })
  expect(JSON.parse(await recordLine(record(bytes), 'rejectedTx', decode))).toEqual({
    topic: 't',
    partition: 1,
    offset: 7,
    time: '1970-01-01T00:00:00.000Z',
    key: 'k',
    headers: { type: 'x' },
    value: { txHash: 'ab', reason: 'fee too low' },
  })
})

test('large numbers keep every digit', async () => {
  const line = await recordLine(record(null, { offset: 2n ** 60n }), 'bans', decode)
  expect(line).toContain('"offset":1152921504606846976,')
})

test.each([
  [0, '1970-01-01T00:00:00.000Z'],
  [-1, '1969-12-31T23:59:59.999Z'],
  [-9_000_000_000_000_000, '-9000000000000000'],
  [1_767_225_600_000_000_000, '1767225600000000000'],
])('the time %d is shown as %j', async (timestamp, time) => {
  expect(JSON.parse(await recordLine(record(null, { timestamp }), undefined, decode)).time).toEqual(time)
})

test('a tombstone is marked', async () => {
  expect(JSON.parse(await recordLine(record(null), 'bans', decode))).toMatchObject({ tombstone: true })
})

test('an undecodable value is shown as it is, with the reason', async () => {
  expect(JSON.parse(await recordLine(record(Buffer.from('hello')), 'events', decode))).toMatchObject({
    undecodable: expect.stringContaining('neither'),
    value: 'hello',
  })
  expect(JSON.parse(await recordLine(record(Buffer.from([0xff, 1])), undefined, decode))).toMatchObject({ value: 'base64:/wE=' })
})

test('foreign text cannot control a terminal, and stays the same JSON', async () => {
  const foreign = 'a\u001b[2J\u009b31m\u202e\u2028\u0000b'
  const line = await recordLine(
    record(Buffer.from(foreign), { key: Buffer.from(foreign), headers: { [foreign]: foreign } }),
    undefined,
    decode,
  )
  expect(line).toMatch(/^[\x20-\x7e]*$/)
  expect(JSON.parse(line)).toMatchObject({ key: foreign, value: foreign, headers: { [foreign]: foreign } })
})

test('a topic is found by its name, its name without prefix and suffix, or its role', () => {
  const settings = settingsOf({ TOPIC_PREFIX: 'a.', TOPIC_SUFFIX: '-1' })
  const names = topicNames(settings)
  const events = { topic: 'a.p2p-events-1', role: 'events' }
  expect(findTopic('a.p2p-events-1', names, settings)).toEqual(events)
  expect(findTopic('p2p-events', names, settings)).toEqual(events)
  expect(findTopic('events', names, settings)).toEqual(events)
  expect(findTopic('somebody-elses', names, settings)).toEqual({ topic: 'somebody-elses' })
})
