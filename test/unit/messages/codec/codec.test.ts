import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createCodec } from '../../../../src/messages/codec/codec.ts'
import { readSchemas, type SchemaVersion } from '../../../../src/messages/codec/schemas.ts'
import { BadInputError, RetryLaterError } from '../../../../src/messages/errors.ts'
import type { NotificationValue } from '../../../../src/messages/kinds/notification.ts'
import type { ValueRole } from '../../../../src/messages/topics.ts'
import { fc } from '../../../support/properties.ts'

interface Golden {
  readonly id: number
  readonly role: ValueRole
  readonly hex: string
  /** As text, because JSON.parse would lose digits of the 64-bit counts. */
  readonly json: string
}

const schemas = readSchemas()
const codec = createCodec({}, { schemas })
const jsonCodec = createCodec({ encodings: { notifications: 'json', events: 'json' } }, { schemas })
const golden = JSON.parse(readFileSync(new URL('../../../fixtures/avro/golden.json', import.meta.url), 'utf8')) as Golden[]

const notification: NotificationValue = {
  type: 'Block',
  hash: 'ab'.repeat(32),
  height: 7,
  header: null,
  previousHash: null,
  miner: null,
  sizeInBytes: null,
  txCount: null,
}

function refusal(action: () => unknown): BadInputError {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(BadInputError)
    return error as BadInputError
  }
  throw new Error('nothing was refused')
}
const refuse = (role: ValueRole, bytes: Buffer | string | null) =>
  refusal(() => codec.decode(role, typeof bytes === 'string' ? Buffer.from(bytes) : bytes))

describe('bytes that were written once', () => {
  it('exist for every schema id', () => {
    expect(golden.map(({ id }) => id)).toEqual(expect.arrayContaining(schemas.map(({ id }) => id)))
  })

  it.each(golden)('of schema $id ($role) still mean the same, and are still written the same', ({ role, hex, json, id }) => {
    const bytes = Buffer.from(hex, 'hex')
    const value = codec.decode(role, bytes)
    expect(value).toEqual(codec.decode(role, Buffer.from(json)))
    const isWritten = codec.schemaHeader(role).endsWith(`:${id}`)
    if (isWritten) expect(codec.encode(role, value).toString('hex')).toBe(hex)
  })
})

describe('schema ids', () => {
  it('are given once, in order, and never to another schema', () => {
    expect(schemas.map(({ id, name, version }) => `${id} ${name} ${version}`)).toEqual([
      '1 Notification 1',
      '2 RejectedTx 1',
      '3 InvalidBlock 1',
      '4 InvalidSubtree 1',
      '5 BanCommand 1',
      '6 Event 1',
      '7 BlockAnnouncement 1',
      '8 SubtreeAnnouncement 1',
      '9 Ban 1',
      '10 Event 2',
      '11 InvalidBlock 2',
      '12 InvalidSubtree 2',
    ])
  })
})

/** The largest number that avsc writes. */
const LARGEST_LONG = 2 ** 53 - 2

describe('what is written in either encoding', () => {
  const text = fc.string({ unit: 'grapheme' })
  const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null })
  const notifications = fc.record({
    type: text,
    hash: text,
    // avsc loses the sign of numbers below -2^52 (nothing that is a number here can be negative), and writes none above this.
    height: nullable(fc.integer({ min: -(2 ** 52), max: LARGEST_LONG })),
    header: nullable(text),
    previousHash: nullable(text),
    miner: nullable(text),
    sizeInBytes: nullable(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
    txCount: nullable(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
  })

  it.each([
    ['avro', codec],
    ['json', jsonCodec],
  ] as const)('comes back from %s unchanged, counts beyond 2^53 included', (_, writer) => {
    fc.assert(
      fc.property(notifications, (value) => {
        expect({ ...codec.decode('notifications', writer.encode('notifications', value)) }).toEqual(value)
      }),
    )
  })

  it('is JSON without null fields and with 64-bit counts as plain integers', () => {
    const bytes = jsonCodec.encode('notifications', { ...notification, sizeInBytes: 2n ** 60n })
    expect(bytes.toString()).toBe(`{"type":"Block","hash":"${'ab'.repeat(32)}","height":7,"sizeInBytes":1152921504606846976}`)
  })

  it('may be larger than the kept buffer', () => {
    const header = 'x'.repeat(200_000)
    expect(codec.decode('notifications', codec.encode('notifications', { ...notification, header })).header).toBe(header)
  })

  it('has the fixed prefix of the framing', () => {
    expect(codec.encode('notifications', notification).subarray(0, 5).toString('hex')).toBe('0000000001')
    expect(codec.schemaHeader('notifications')).toBe('Notification:1')
  })
})

describe('bytes that nobody can use', () => {
  const good = codec.encode('notifications', notification)

  it.each([
    ['null-value', null],
    ['unknown-framing', Buffer.alloc(0)],
    ['unknown-framing', 'text'],
    ['unknown-framing', '[]'],
    ['unknown-framing', Buffer.from([0xc3, 0x01, 1, 2, 3])],
    ['truncated', Buffer.from([0, 0, 0])],
    ['truncated', good.subarray(0, 5)],
    ['truncated', good.subarray(0, good.length - 1)],
    ['trailing-bytes', Buffer.concat([good, Buffer.from([0])])],
    ['unknown-schema', Buffer.from([0, 0, 0, 0xff, 0xff, 1])],
    ['wrong-schema', codec.encode('rejectedTx', { txHash: '', reason: '', peerId: null })],
    ['malformed-avro', Buffer.concat([good.subarray(0, 5), Buffer.from([2, 0x41, 2, 0x42, 9 * 2])])],
    ['not-json', '{"type":'],
    ['not-json', '{} {}'],
    ['wrong-shape', '{}'],
    ['wrong-shape', `{"type":"Block","hash":"","height":${LARGEST_LONG + 1}}`],
  ])('are refused as %s', (reason, bytes) => {
    expect(refuse('notifications', bytes).reason).toBe(reason)
  })

  it('never make decoding fail otherwise, whatever they are', () => {
    const framed = fc.uint8Array({ maxLength: 200 }).map((body) => Buffer.concat([good.subarray(0, 5), body]))
    const mutated = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = Buffer.from(good)
      bytes[at] = byte
      return bytes
    })
    fc.assert(
      fc.property(fc.oneof(framed, mutated), (bytes) => {
        try {
          codec.decode('notifications', bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(BadInputError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['Notification.type is missing, but has to be a text', '{"hash":"a"}'],
    ['Notification.hash is null, but has to be a text', '{"type":"Block","hash":null}'],
    ['Notification.height is the text "7", but has to be an integer within 2^53', '{"type":"Block","hash":"a","height":"7"}'],
    ['Notification.height is the number 1.5, but has to be an integer within 2^53', '{"type":"Block","hash":"a","height":1.5}'],
    [
      'Notification.height is the number 9007199254740993, but has to be an integer within 2^53',
      '{"type":"Block","hash":"a","height":9007199254740993}',
    ],
    [
      'Notification.txCount is the number 9223372036854775808, but has to be an integer of 64 bits',
      '{"type":"Block","hash":"a","txCount":9223372036854775808}',
    ],
    ['Notification.miner is an array, but has to be a text', '{"type":"Block","hash":"a","miner":[]}'],
  ])('are refused with the field and what would be right: %s', (message, json) => {
    expect(refuse('notifications', json).message).toBe(message)
  })

  it('are refused with the path of a nested field', () => {
    const json = '{"id":"a","network":"n","bridgeId":"b","origin":"own","receivedAt":1,"type":"block","block":{"hash":"h","height":1}}'
    expect(refuse('events', json).message).toBe('Event.block.dataHubUrl is missing, but has to be a text')
  })
})

describe('JSON from other producers', () => {
  it('may have unknown fields, miss what has a default, and repeat a key', () => {
    const value = codec.decode(
      'banCommands',
      Buffer.from(' {"action":"add","action":"remove","key":"1.2.3.4","__proto__":{"permanent":true},"x":{}}'),
    )
    expect(value).toEqual({ action: 'remove', key: '1.2.3.4', until: null, durationSeconds: null, permanent: false, reason: '' })
    const long = codec.decode('notifications', Buffer.from('{"type":"a","type":"b","hash":"h","txCount":9223372036854775807}'))
    expect(long).toMatchObject({ type: 'b', txCount: 2n ** 63n - 1n })
  })
})

describe('other versions of a schema', () => {
  const older: SchemaVersion = {
    id: 101,
    role: 'subtrees',
    version: 1,
    isWritten: true,
    name: 'SubtreeAnnouncement',
    text: '{"type":"record","name":"SubtreeAnnouncement","namespace":"gossipbridge","fields":[{"name":"hash","type":"string"},{"name":"gone","type":"long"}]}',
  }
  const newer: SchemaVersion = {
    id: 102,
    role: 'subtrees',
    version: 2,
    isWritten: true,
    name: 'SubtreeAnnouncement',
    text: '{"type":"record","name":"SubtreeAnnouncement","namespace":"gossipbridge","fields":[{"name":"hash","type":"string"},{"name":"size","type":["null",{"type":"long","jsType":"bigint"}],"default":null},{"name":"seen","type":{"type":"long","jsType":"bigint"},"default":5}]}',
  }
  const others = schemas.filter(({ role }) => role !== 'subtrees')
  const old = createCodec({}, { schemas: [...others, older] })
  const evolved = createCodec({}, { schemas: [...others, newer, { ...older, isWritten: false }] })

  it('can be read before they are written, so that two releases can run side by side', () => {
    const between = createCodec({}, { schemas: [...others, older, { ...newer, isWritten: false }] })
    const value = { hash: 'h', gone: 3, size: 7n, seen: 8n } as never
    expect(between.schemaHeader('subtrees')).toBe('SubtreeAnnouncement:101')
    expect(between.encode('subtrees', value)).toEqual(old.encode('subtrees', value))
    expect(between.decode('subtrees', between.encode('subtrees', value))).toEqual({ hash: 'h', size: null, seen: 5n })
    expect(between.decode('subtrees', evolved.encode('subtrees', value))).toEqual({ hash: 'h', size: 7n, seen: 8n })
    const json = { encodings: { subtrees: 'json' } } as const
    const betweenAsJson = createCodec(json, { schemas: [...others, older, { ...newer, isWritten: false }] })
    expect(betweenAsJson.encode('subtrees', value).toString()).toBe('{"hash":"h","gone":3}')
  })

  it('are read by the rules of Avro, and new values are written with the one that is marked', () => {
    const bytes = old.encode('subtrees', { hash: 'h', gone: 3 } as never)
    expect(evolved.decode('subtrees', bytes)).toEqual({ hash: 'h', size: null, seen: 5n })
    expect(evolved.schemaHeader('subtrees')).toBe('SubtreeAnnouncement:102')
  })

  describe('that only an external registry knows', () => {
    const answers = new Map<number | string, { schemaText: string } | 'pending'>()
    const asking = createCodec({}, { schemas: [...others, newer], lookup: (id) => answers.get(id) ?? 'unknown' })
    const bytes = old.encode('subtrees', { hash: 'h', gone: 3 } as never)

    it('wait while the registry has not answered, and are bad input when it does not know them', () => {
      answers.set(101, 'pending')
      expect(() => asking.decode('subtrees', bytes)).toThrow(RetryLaterError)
      expect(asking.awaitedSchema('subtrees', bytes)).toBe(101)
      for (const other of [null, Buffer.from('{}'), bytes.subarray(0, 3), evolved.encode('subtrees', { hash: 'h' } as never)])
        expect(asking.awaitedSchema('subtrees', other)).toBeUndefined()
      answers.delete(101)
      expect(asking.awaitedSchema('subtrees', bytes)).toBeUndefined()
      expect(refusal(() => asking.decode('subtrees', bytes)).reason).toBe('unknown-schema')
      answers.set(101, { schemaText: older.text })
      expect(asking.decode('subtrees', bytes)).toMatchObject({ hash: 'h', seen: 5n })
    })

    it('are bad input when they describe something else, or are no schema', () => {
      for (const schemaText of ['{"type":"record","name":"Other","fields":[]}', '"string"', '{"type":"nonsense"}', 'no json']) {
        answers.set(103, { schemaText })
        expect(refusal(() => asking.decode('subtrees', Buffer.from([0, 0, 0, 0, 103, 0]))).reason).toBe('wrong-schema')
      }
    })
  })

  it('with plain longs are read into bigint fields', () => {
    const plain = { ...newer, id: 104, version: 1, isWritten: true, text: newer.text.replaceAll(',"jsType":"bigint"', '') }
    const writer = createCodec({}, { schemas: [...others, plain] })
    const reader = createCodec({}, { schemas: [...others, newer, { ...plain, isWritten: false }] })
    const bytes = writer.encode('subtrees', { hash: 'h', size: 12, seen: 13 } as never)
    expect(reader.decode('subtrees', bytes)).toEqual({ hash: 'h', size: 12n, seen: 13n })
  })
})
