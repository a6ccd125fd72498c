import { expect, test } from 'vitest'
import { readBlocksFinal } from '../../../src/adapters/teranode/blocks-final.ts'

/** The header of the genesis block of mainnet, and its hash. */
const HEADER = `01000000${'00'.repeat(32)}3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c`
const HASH = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f'

const message = (...hex: string[]) => Buffer.from(hex.join(''), 'hex')
const header = `0a50${HEADER}`

test('a block of the topic blocks-final has its hash, counts and height, past fields that are not for us', () => {
  const subtree = `2220${'ab'.repeat(32)}`
  const block = readBlocksFinal(message(header, '108001', '18ac02', subtree, subtree, '2a0401020304', '3007'))
  expect(block).toEqual({
    hash: HASH,
    previousHash: '0'.repeat(64),
    height: 7,
    header: HEADER,
    miner: '',
    sizeInBytes: 300n,
    txCount: 128n,
  })
  expect(readBlocksFinal(message(header))).toMatchObject({ hash: HASH, height: 0, txCount: 0n })
})

test.each([
  ['no value', null, 'null-value'],
  ['no header', message('3007'), 'bad-content'],
  ['a short header', message('0a03010203'), 'bad-content'],
  ['a count beyond 2^53', message(header, '10ffffffffffffffffff01'), 'bad-content'],
  ['bytes that end early', message(header).subarray(0, 20), 'malformed-protobuf'],
])('%s is bad input', (_what, value, reason) => {
  expect(() => readBlocksFinal(value)).toThrow(expect.objectContaining({ reason }))
})
