import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createCodec } from '../../../../src/messages/codec/codec.ts'
import { readSchemas } from '../../../../src/messages/codec/schemas.ts'
import { BadInputError } from '../../../../src/messages/errors.ts'
import { invalidBlock, invalidSubtree } from '../../../../src/messages/invalid-content.ts'

const codec = createCodec({}, { schemas: readSchemas() })

const GENESIS = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f'
const PEER = '12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG'
const URL_OF_PEER = 'https://node.example/api/v1'

/** A proto3 message of strings, fields in order of their numbers, as Go marshals it: empty ones are left out. */
function message(...texts: string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text, at) => (text === '' ? [] : [Buffer.from([((at + 1) << 3) | 2, text.length]), Buffer.from(text)])),
  )
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe('verdicts in bare Protobuf, as Teranode writes them', () => {
  it('are read with all fields: the same bytes as Go marshals', () => {
    const block = message(GENESIS, 'invalid-block', PEER, URL_OF_PEER)
    expect([block.length, sha256(block)]).toEqual([164, '1439587c85da31ab2919cd89617838c9b8ad36b26b8b88e6c82fe25dbb7e4fa2'])
    const ofBlock = { kind: 'block', hash: GENESIS, reason: 'invalid-block', peerId: PEER, peerUrl: URL_OF_PEER }
    expect(invalidBlock(codec.decode('invalidBlocks', block))).toEqual(ofBlock)

    const subtree = message(GENESIS, URL_OF_PEER, 'malformed_transaction_data', PEER)
    expect([subtree.length, sha256(subtree)]).toEqual([177, '55a486cd3909d0446d7b1f4c7fafcf1f825053fe61387db7671f36e43e853634'])
    const ofSubtree = { kind: 'subtree', hash: GENESIS, reason: 'malformed_transaction_data', peerId: PEER, peerUrl: URL_OF_PEER }
    expect(invalidSubtree(codec.decode('invalidSubtrees', subtree))).toEqual(ofSubtree)
  })

  it('are written with the same bytes', () => {
    const writer = createCodec({ encodings: { invalidBlocks: 'protobuf', invalidSubtrees: 'protobuf' } }, { schemas: readSchemas() })
    const common = { peerId: PEER, peerUrl: URL_OF_PEER }
    const block = writer.encode('invalidBlocks', { blockHash: GENESIS, reason: 'invalid-block', ...common })
    expect(block).toEqual(message(GENESIS, 'invalid-block', PEER, URL_OF_PEER))
    const subtree = writer.encode('invalidSubtrees', { subtreeHash: GENESIS, reason: 'malformed_transaction_data', ...common })
    expect(subtree).toEqual(message(GENESIS, URL_OF_PEER, 'malformed_transaction_data', PEER))
    expect(writer.schemaHeader('invalidBlocks')).toBe('kafkamessage.KafkaInvalidBlockTopicMessage')
  })

  it('are read with the fields of earlier releases', () => {
    const block = { kind: 'block', hash: GENESIS, reason: 'x', peerId: null, peerUrl: null }
    expect(invalidBlock(codec.decode('invalidBlocks', message(GENESIS, 'x')))).toEqual(block)
    const subtree = { kind: 'subtree', hash: GENESIS, reason: 'x', peerId: null, peerUrl: URL_OF_PEER }
    expect(invalidSubtree(codec.decode('invalidSubtrees', message(GENESIS, URL_OF_PEER, 'x')))).toEqual(subtree)
  })

  it('are read past fields of later releases, in any order, the last of a repeated one', () => {
    const later = Buffer.concat([
      message('', 'x'),
      Buffer.from([0x28, 0xff, 0x01]), // field 5, a varint
      Buffer.from([0x31, 1, 2, 3, 4, 5, 6, 7, 8]), // field 6, 64 bits
      Buffer.from([0x3d, 1, 2, 3, 4]), // field 7, 32 bits
      Buffer.from([0x82, 0x01, 2, 9, 9]), // field 16, bytes
      message('zz'),
      message(GENESIS),
    ])
    expect(codec.decode('invalidBlocks', later)).toEqual({ blockHash: GENESIS, reason: 'x', peerId: '', peerUrl: '' })
  })

  it.each([
    ['a length beyond the end', '0a40'],
    ['a length of 2^63', '0affffffffffffffffff01'],
    ['a varint without an end', `0a${'ff'.repeat(20)}`],
    ['a group', '0a01410b'],
    ['text that is no UTF-8', '0a02c328'],
    ['a tag alone', '0a014112'],
  ])('are bad input with %s', (_, hex) => {
    for (const role of ['invalidBlocks', 'invalidSubtrees'] as const)
      expect(() => codec.decode(role, Buffer.from(hex, 'hex'))).toThrow(expect.objectContaining({ reason: 'malformed-protobuf' }))
  })

  it('are bad input of one kind or another whatever the bytes', () => {
    for (let seed = 0; seed < 2000; seed++) {
      const bytes = createHash('shake256', { outputLength: seed % 70 })
        .update(String(seed))
        .digest()
      bytes[0] = [0x0a, 0x12, 0x1a, 0x22][seed % 4] as number
      try {
        codec.decode('invalidBlocks', bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(BadInputError)
      }
    }
  })

  it('are recognised in their own topics only', () => {
    const bytes = message(GENESIS, 'add')
    expect(() => codec.decode('banCommands', bytes)).toThrow(expect.objectContaining({ reason: 'unknown-framing' }))
    expect(codec.decode('invalidBlocks', Buffer.from(`\n{"blockHash":"${GENESIS}","reason":"x"}`))).toMatchObject({ reason: 'x' })
  })
})

describe('announcements and rejected transactions in bare Protobuf', () => {
  const encodings = { blocks: 'protobuf', subtrees: 'protobuf', rejectedTx: 'protobuf' } as const
  const writer = createCodec({ encodings }, { schemas: readSchemas() })
  const announced = { hash: GENESIS, url: URL_OF_PEER, peerId: PEER }

  it('are written with the same bytes as Go marshals', () => {
    const block = writer.encode('blocks', { ...announced, height: 7, header: null, eventId: 'e' })
    expect([block.length, sha256(block)]).toEqual([149, '0c0fc8a37b7db675deb953bfa4ea0da2135c4615ddc862da624944ef2a1031b2'])
    expect(writer.encode('subtrees', { ...announced, eventId: 'e' })).toEqual(block)
    const rejected = writer.encode('rejectedTx', { txHash: GENESIS, reason: 'TX_INVALID', peerId: null })
    expect([rejected.length, sha256(rejected)]).toEqual([78, '939e4dec896e26dc889dcb1206fc2b26cf2be24e23bf82865f1c4c58fca32018'])
  })

  it('are read, whatever is written, with null and nothing for what the message lacks', () => {
    const block = { ...announced, height: null, header: null, eventId: '' }
    expect(codec.decode('blocks', writer.encode('blocks', block))).toEqual(block)
    expect(codec.decode('subtrees', message(GENESIS, URL_OF_PEER))).toEqual({ ...announced, peerId: '', eventId: '' })
    expect(codec.decode('rejectedTx', message(GENESIS, 'TX_INVALID'))).toEqual({ txHash: GENESIS, reason: 'TX_INVALID', peerId: '' })
  })

  it.each([0, 1, 127, 128, 16_383, 16_384, 300_000])('may have a text of %i bytes', (length) => {
    const value = { txHash: GENESIS, reason: 'ø'.repeat(length / 2) + 'x'.repeat(length % 2), peerId: '' }
    expect(codec.decode('rejectedTx', writer.encode('rejectedTx', value))).toEqual(value)
  })

  it('are not known for other roles', () => {
    expect(() => createCodec({ encodings: { bans: 'protobuf' } }, { schemas: readSchemas() })).toThrow('for the role bans')
  })
})
