import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DecodedRecord } from '../../../../src/kafka/wire/decoded-record.ts'
import { createCodec } from '../../../../src/messages/codec/codec.ts'
import { guidOf } from '../../../../src/messages/codec/schema-name.ts'
import { readSchemas } from '../../../../src/messages/codec/schemas.ts'
import { BadInputError, RetryLaterError } from '../../../../src/messages/errors.ts'
import type { ValueRole } from '../../../../src/messages/topics.ts'

const schemas = readSchemas()
const codec = createCodec({}, { schemas })
const golden = JSON.parse(readFileSync(new URL('../../../fixtures/avro/golden.json', import.meta.url), 'utf8')) as {
  readonly id: number
  readonly role: ValueRole
  readonly hex: string
}[]
const ELSEWHERE = '00112233-4455-6677-8899-aabbccddeeff'

function headerOf(guid: string): Buffer {
  return Buffer.from(`01${guid.replaceAll('-', '')}`, 'hex')
}

/** The headers of a record on the wire: lengths are zigzag varints. */
function section(name: string, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([2, 2 * name.length]), Buffer.from(name), Buffer.from([2 * value.length]), value])
}

/** A record as it comes out of a batch. */
function record(value: Buffer | null, header: Buffer, name = '__value_schema_id'): DecodedRecord {
  const place = { topic: 't', partition: 0, isProducerTime: false }
  const headers = section(name, header)
  return new DecodedRecord(place, { offset: 0n, timestamp: 0, key: null, value }, headers, 0, headers.length)
}

function refusal(action: () => unknown): BadInputError {
  try {
    action()
  } catch (error) {
    if (error instanceof BadInputError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('a value whose schema a header names', () => {
  it.each(golden)('is read in each of our own schemas ($id, $role) by GUID and by id', ({ id, role, hex }) => {
    const framed = Buffer.from(hex, 'hex')
    const [bare, value] = [framed.subarray(5), codec.decode(role, framed)]
    const schema = schemas.find((each) => each.id === id)
    expect(codec.decodeRecord(role, record(bare, headerOf(guidOf(schema?.text ?? ''))))).toEqual(value)
    expect(codec.decodeRecord(role, record(bare, framed.subarray(0, 5)))).toEqual(value)
  })

  it('is read in a schema that only a registry knows, when the registry has answered', () => {
    const text = schemas.find(({ role }) => role === 'rejectedTx')?.text ?? ''
    const answers: (string | number)[] = []
    let answer: { schemaText: string; schemaType?: string } | 'pending' = 'pending'
    const asking = createCodec(
      {},
      {
        schemas,
        lookup: (name) => {
          answers.push(name)
          return answer
        },
      },
    )
    const value = { txHash: 'ab', reason: 'r', peerId: '' }
    const named = record(codec.encode('rejectedTx', value as never).subarray(5), headerOf(ELSEWHERE))
    expect(() => asking.decodeRecord('rejectedTx', named)).toThrow(RetryLaterError)
    answer = { schemaText: '{}', schemaType: 'PROTOBUF' }
    expect(refusal(() => asking.decodeRecord('rejectedTx', named)).message).toMatch(/__value_schema_id .*type PROTOBUF/)
    answer = { schemaText: text.replace('"type":"record"', '"doc":"elsewhere","type":"record"') }
    expect(asking.decodeRecord('rejectedTx', named)).toMatchObject(value)
    expect(new Set(answers)).toEqual(new Set([ELSEWHERE]))
  })

  it('is bad input when nobody knows the schema, and the reason names the header', () => {
    const fault = refusal(() => codec.decodeRecord('notifications', record(Buffer.from([2]), headerOf(ELSEWHERE))))
    expect(fault.reason).toBe('unknown-schema')
    expect(fault.message).toContain(`schema ${ELSEWHERE} of the header __value_schema_id`)
  })

  it('is bad input when the schema is that of another topic, or the body is not whole', () => {
    const ban = headerOf(guidOf(schemas.find(({ role }) => role === 'banCommands')?.text ?? ''))
    expect(refusal(() => codec.decodeRecord('notifications', record(Buffer.from([2]), ban))).reason).toBe('wrong-schema')
    expect(refusal(() => codec.decodeRecord('banCommands', record(Buffer.from([2]), ban))).reason).toBe('truncated')
    expect(refusal(() => codec.decodeRecord('banCommands', record(Buffer.alloc(0), ban))).reason).toBe('truncated')
    expect(refusal(() => codec.decodeRecord('banCommands', record(null, ban))).reason).toBe('null-value')
  })

  it.each(['', '00', '01', '0000000105ff', `01${'00'.repeat(15)}`, `01${'00'.repeat(17)}`, `02${'00'.repeat(16)}`, 'ff'.repeat(40)])(
    'is bad input when the header is "%s"',
    (hex) => {
      const fault = refusal(() => codec.decodeRecord('notifications', record(Buffer.from([2]), Buffer.from(hex, 'hex'))))
      expect(fault.reason).toBe('bad-schema-header')
      expect(fault.message).toContain(`__value_schema_id has ${hex.length / 2} bytes`)
    },
  )

  it('is read as JSON when it is a JSON object, as serializers of JSON write it', () => {
    const json = Buffer.from('{"txHash":"ab","reason":"r"}')
    expect(codec.decodeRecord('rejectedTx', record(json, headerOf(ELSEWHERE)))).toMatchObject({ txHash: 'ab' })
  })

  it('is read by its frame when the header has another name', () => {
    const framed = codec.encode('rejectedTx', { txHash: 'ab', reason: 'r', peerId: '' } as never)
    expect(codec.decodeRecord('rejectedTx', record(framed, Buffer.from('x'), '__key_schema_id'))).toMatchObject({ txHash: 'ab' })
  })
})
