import avro from 'avsc'
import { describe, expect, test } from 'vitest'
import type { ForeignSchema } from '../../../../src/messages/codec/avro-foreign.ts'
import { createCodec } from '../../../../src/messages/codec/codec.ts'
import { readSchemas } from '../../../../src/messages/codec/schemas.ts'
import { BadInputError } from '../../../../src/messages/errors.ts'

const ID = 5000
const own = JSON.parse(readSchemas().find(({ role, isWritten }) => role === 'notifications' && isWritten)?.text ?? '') as {
  fields: { name: string; type: unknown; default?: unknown }[]
}
const VALUE = { type: 'Block', hash: 'ab'.repeat(32), height: 7 }
const EXPECTED = { ...VALUE, header: null, previousHash: null, miner: null, sizeInBytes: null, txCount: null }

/** What the codec reads of a value that somebody wrote with a schema of his own, which a registry knows. */
function readBack(schema: object, value: object, { referenced = [] }: { referenced?: object[] } = {}): unknown {
  const registry = {}
  for (const each of referenced) avro.Type.forSchema(each as avro.Schema, { registry })
  const body = avro.Type.forSchema(schema as avro.Schema, { registry, wrapUnions: 'auto' }).toBuffer(value)
  return decode({ schemaText: JSON.stringify(schema), referenced: referenced.map((each) => JSON.stringify(each)) }, body)
}

function decode(schema: ForeignSchema, body: Buffer): unknown {
  const codec = createCodec({}, { schemas: readSchemas(), lookup: (id) => (id === ID ? schema : 'unknown') })
  const frame = Buffer.from([0, 0, 0, 0, 0])
  frame.writeUInt32BE(ID, 1)
  return codec.decode('notifications', Buffer.concat([frame, body]))
}

const record = (fields: object[], more: object = {}) => ({ type: 'record', name: 'Notification', fields, ...more })
const [type, hash, height] = ['type', 'hash', 'height'].map((name) => ({ name, type: name === 'height' ? 'long' : 'string' })) as [
  object,
  object,
  object,
]

describe('what the specification of Avro lets a writer do', () => {
  test('a namespace of his own, or none', () => {
    expect(readBack(record([type, hash, height], { namespace: 'com.example.node' }), VALUE)).toEqual(EXPECTED)
    expect(readBack(record([type, hash, height]), VALUE)).toEqual(EXPECTED)
  })

  test('a field that may be null, where the reader wants a value', () => {
    const schema = record([{ name: 'type', type: ['null', 'string'] }, hash, height])
    expect(readBack(schema, VALUE)).toEqual(EXPECTED)
    expect(() => readBack(schema, { ...VALUE, type: null })).toThrow(/Notification\.type is null, but has to be a text/)
  })

  test('a field more, of any type', () => {
    const fields = [type, hash, height, { name: 'tags', type: { type: 'array', items: 'string' } }]
    expect(readBack(record(fields, { namespace: 'x' }), { ...VALUE, tags: ['a'] })).toEqual(EXPECTED)
  })

  test('a default value that fits another branch of its union, as some libraries write it', () => {
    const note = { name: 'note', type: ['string', 'null'] }
    const body = avro.Type.forSchema(record([type, hash, height, note]) as avro.Schema).toBuffer({ ...VALUE, note: null })
    const schemaText = JSON.stringify(record([type, hash, height, { ...note, default: null }]))
    expect(decode({ schemaText }, body)).toEqual(EXPECTED)
  })

  test('counts beyond 2^53 in plain longs', () => {
    const fields = [type, hash, height, { name: 'txCount', type: 'long' }]
    const body = avro.Type.forSchema(record([type, hash, height]) as avro.Schema).toBuffer(VALUE)
    const schemaText = JSON.stringify(record(fields, { namespace: 'x' }))
    const large = Buffer.from('feffffffffffffffff01', 'hex') // 2^63 - 1
    expect(decode({ schemaText }, Buffer.concat([body, large]))).toEqual({ ...EXPECTED, txCount: 2n ** 63n - 1n })
  })

  test('a schema that refers to others', () => {
    const hashType = { type: 'record', name: 'Origin', namespace: 'x', fields: [{ name: 'node', type: 'string' }] }
    const schema = record([type, hash, height, { name: 'origin', type: 'x.Origin' }])
    expect(readBack(schema, { ...VALUE, origin: { node: 'a' } }, { referenced: [hashType] })).toEqual(EXPECTED)
  })
})

describe('what nobody can read as a notification is bad input', () => {
  test.each([
    ['a record of another name', { type: 'record', name: 'Order', fields: [type, hash, height] }, /is a Order/],
    ['a record without a field that is needed', record([type, height], { namespace: 'x' }), /has no hash/],
    [
      'a list of things without size',
      record([type, hash, height, { name: 'none', type: { type: 'array', items: 'null' } }], { namespace: 'x' }),
      /without size/,
    ],
  ])('%s', (_, schema, message) => {
    const reading = () => decode({ schemaText: JSON.stringify(schema) }, Buffer.alloc(40))
    expect(reading).toThrow(BadInputError)
    expect(reading).toThrow(message)
  })
})

test('the fields that the tests write are those of the own schema', () => {
  const needed = own.fields.filter((field) => !('default' in field)).map(({ name }) => name)
  expect(needed.filter((name) => !Object.hasOwn(VALUE, name))).toEqual([])
})
