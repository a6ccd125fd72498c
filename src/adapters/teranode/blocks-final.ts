import { LENGTH_DELIMITED, ProtobufReader, VARINT } from '../../messages/codec/protobuf-reader.ts'
import { BadInputError } from '../../messages/errors.ts'
import { blockHash } from '../../messages/rules/block-header.ts'
import type { ChainBlock } from '../ports.ts'

const HEADER_BYTES = 80
const PREVIOUS_HASH = [4, 36] as const

/** The fields of KafkaBlocksFinalTopicMessage that matter here, by number. */
const HEADER = 1
const NUMBERS: Readonly<Record<number, 'txCount' | 'sizeInBytes' | 'height'>> = { 2: 'txCount', 3: 'sizeInBytes', 6: 'height' }

/** The block in a value of Teranode's topic `blocks-final`. It does not say who mined it. Throws BadInputError. */
export function readBlocksFinal(value: Buffer | null): ChainBlock {
  if (value === null) throw new BadInputError('null-value', 'the record of blocks-final has no value')
  const numbers = { txCount: 0, sizeInBytes: 0, height: 0 }
  let header = Buffer.alloc(0)
  const reader = new ProtobufReader(value)
  while (!reader.isAtEnd()) {
    const tag = reader.varint()
    const [field, wireType] = [Math.floor(tag / 8), tag % 8]
    const name = wireType === VARINT ? NUMBERS[field] : undefined
    if (name) numbers[name] = reader.varint()
    else if (field === HEADER && wireType === LENGTH_DELIMITED) header = Buffer.from(reader.take(reader.varint()))
    else reader.skip(wireType)
  }
  if (header.length !== HEADER_BYTES)
    throw new BadInputError('bad-content', `the header in blocks-final has ${header.length} bytes, but has to be ${HEADER_BYTES}`)
  return {
    hash: blockHash(header),
    previousHash: Buffer.from(header.subarray(...PREVIOUS_HASH))
      .reverse()
      .toString('hex'),
    height: numbers.height,
    header: header.toString('hex'),
    miner: '',
    sizeInBytes: counted(numbers.sizeInBytes),
    txCount: counted(numbers.txCount),
  }
}

/** The reader is exact up to 2^53, and no block has more. */
function counted(number: number): bigint {
  if (!Number.isSafeInteger(number)) throw new BadInputError('bad-content', `a count in blocks-final is beyond 2^53`)
  return BigInt(number)
}
