import { ANNOUNCEMENT_TYPES } from '../../../src/messages/announcement.ts'
import type { Dialect } from '../../../src/messages/dialects/dialect.ts'
import { BLOCK_1_HASH, BLOCK_1_HEADER, PEER_ID, SAMPLES } from '../../fixtures/announcements.ts'
import { fc } from '../../support/properties.ts'

/** Keys of all messages, and some that are none. */
const KEYS =
  'Hash,Height,Header,Coinbase,DataHubURL,PeerID,ClientName,TxID,Reason,PreviousHash,Miner,SizeInBytes,TxCount,type,bestHeight,bestHash,userAgent,services,topicPrefix,version,uptime,best_height,best_block_hash,peer_id,base_url,fee_policy,name,data,__proto__,constructor,toString'.split(
    ',',
  )

const anyCase = fc.constantFrom(...KEYS).chain((key) => fc.constantFrom(key, key.toLowerCase(), key.toUpperCase()))

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    BLOCK_1_HASH,
    BLOCK_1_HEADER,
    PEER_ID,
    '0'.repeat(64),
    'f'.repeat(65),
    '\u0000',
    '\ud800',
    '\u202e',
    '\u001b[2J',
    'http://a.example/',
    'http://127.0.0.1/',
    'javascript:alert(1)',
    'http://user:secret@a.example',
    `http://${'a'.repeat(3000)}.example`,
  ),
)

/** JSON texts of values, some of which JavaScript cannot write. */
const value = fc.oneof(
  { weight: 4, arbitrary: text.map((each) => JSON.stringify(each)) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...[
        '0',
        '-1',
        '1.5',
        '1e999',
        '-0',
        '4294967295',
        '4294967296',
        '9223372036854775808',
        '18446744073709551616',
        `1${'0'.repeat(400)}`,
      ],
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('null', 'true', '[]', '{}', '[[[[]]]]', '{"a":{"b":[1]}}', '"\\ud800"', '"\\u0000"', 'NaN', "'a'", ''),
  },
  { weight: 1, arbitrary: fc.json() },
)

const object = fc.array(fc.tuple(anyCase, value), { maxLength: 12 }).map((entries) => {
  const fields = entries.map(([key, each]) => `${JSON.stringify(key)}:${each}`)
  return Buffer.from(`{${fields.join(',')}}`)
})

/** A message as it should be, with some bytes changed, left out or put in. */
function spoilt(dialect: Dialect): fc.Arbitrary<Buffer> {
  const good = ANNOUNCEMENT_TYPES.flatMap((type) => dialect.encode(SAMPLES[type], PEER_ID) ?? [])
  const spoil = fc.record({ at: fc.nat(), cut: fc.nat(3), put: fc.uint8Array({ maxLength: 4 }) })
  return fc.tuple(fc.constantFrom(...good), fc.array(spoil, { maxLength: 4 })).map(([bytes, spoils]) =>
    spoils.reduce((left: Buffer, { at, cut, put }) => {
      const from = at % (left.length + 1)
      return Buffer.concat([left.subarray(0, from), put, left.subarray(from + cut)])
    }, Buffer.from(bytes)),
  )
}

/** In the form of the message bus of newer nodes. */
const enveloped = (content: fc.Arbitrary<Buffer>) =>
  fc
    .tuple(fc.string({ maxLength: 70 }), content)
    .map(([name, data]) => Buffer.from(JSON.stringify({ name, data: data.toString('base64') })))

/** Content of every kind. */
export function junk(dialect: Dialect): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    { weight: 4, arbitrary: spoilt(dialect) },
    { weight: 4, arbitrary: object },
    { weight: 2, arbitrary: enveloped(object) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 500 }) },
    { weight: 1, arbitrary: fc.json().map((json) => Buffer.from(json)) },
    { weight: 1, arbitrary: fc.nat(5000).map((depth) => Buffer.from('['.repeat(depth))) },
  )
}
