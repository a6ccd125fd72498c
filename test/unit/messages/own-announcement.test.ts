import { describe, expect, it } from 'vitest'
import { BadInputError } from '../../../src/messages/errors.ts'
import type { NotificationValue } from '../../../src/messages/kinds/notification.ts'
import type { RejectedTxValue } from '../../../src/messages/kinds/rejected-tx.ts'
import { ownAnnouncement } from '../../../src/messages/own-announcement.ts'
import { BLOCK_1_HASH, BLOCK_1_HEADER, DATA_HUB_URL, GENESIS_HASH, PEER_ID } from '../../fixtures/announcements.ts'

const block: NotificationValue = {
  type: 'Block',
  hash: BLOCK_1_HASH,
  height: 1,
  header: null,
  previousHash: null,
  miner: null,
  sizeInBytes: null,
  txCount: null,
}
const miningOn = { ...block, type: 'MiningOn', previousHash: GENESIS_HASH }
const announce = (value: NotificationValue) => ownAnnouncement('notifications', value, { dataHubUrl: DATA_HUB_URL, clientName: 'node-a' })
const rejected = (value: RejectedTxValue) => ownAnnouncement('rejectedTx', value, { dataHubUrl: DATA_HUB_URL, clientName: 'node-a' })

describe('a notification of the own node', () => {
  it('gets the own URL, and its hashes in lower case', () => {
    const value = { ...block, hash: BLOCK_1_HASH.toUpperCase(), header: BLOCK_1_HEADER.toUpperCase() }
    expect(announce(value)).toEqual({
      type: 'block',
      block: { hash: BLOCK_1_HASH, height: 1, header: BLOCK_1_HEADER, dataHubUrl: DATA_HUB_URL, clientName: 'node-a' },
    })
  })

  it('may leave out what nobody needs', () => {
    expect(announce({ ...block, header: '' })).toMatchObject({ block: { header: null } })
    expect(announce(miningOn)).toMatchObject({ miningOn: { miner: '', sizeInBytes: 0n, txCount: 0n } })
    expect(announce({ ...block, type: 'Subtree', height: null })).toMatchObject({ type: 'subtree' })
  })

  it('has its miner name made fit for one line', () => {
    expect(announce({ ...miningOn, miner: `a\n\u0000b${'x'.repeat(300)}` })).toMatchObject({ miningOn: { miner: `a b${'x'.repeat(253)}` } })
  })

  it.each<[string, NotificationValue]>([
    ['type is "PING", but has to be Block, Subtree or MiningOn', { ...block, type: 'PING' }],
    ['hash is "abc", but has to be 64 hexadecimal characters', { ...block, hash: 'abc' }],
    [`hash is "${'g'.repeat(64)}", but has to be 64 hexadecimal characters`, { ...block, hash: 'g'.repeat(64) }],
    ['height is missing, but a Block needs one', { ...block, height: null }],
    ['height is -1, but has to be 0 to 4294967295', { ...block, height: -1 }],
    ['height is 4294967296, but has to be 0 to 4294967295', { ...block, height: 2 ** 32 }],
    ['header has 2 characters, but has to be 160 hexadecimal characters', { ...block, header: '00' }],
    ['previousHash is "", but has to be 64 hexadecimal characters', { ...miningOn, previousHash: null }],
    ['txCount is -1, but cannot be negative', { ...miningOn, txCount: -1n }],
  ])('is bad input when %s', (message, value) => {
    expect(() => announce(value)).toThrow(new BadInputError('bad-content', message))
  })
})

describe('a rejected transaction', () => {
  it('is announced when the own validator refused it', () => {
    const announcement = { type: 'rejected-tx', rejectedTx: { txId: BLOCK_1_HASH, reason: 'spent twice' } }
    expect(rejected({ txHash: BLOCK_1_HASH.toUpperCase(), reason: 'spent\r\ntwice', peerId: null })).toEqual(announcement)
    expect(rejected({ txHash: BLOCK_1_HASH, reason: 'spent twice', peerId: '' })).toEqual(announcement)
  })

  it('is not announced when a peer said so', () => {
    expect(rejected({ txHash: BLOCK_1_HASH, reason: '', peerId: PEER_ID })).toBeUndefined()
  })

  it('has its reason cut', () => {
    expect(rejected({ txHash: BLOCK_1_HASH, reason: 'x'.repeat(5000), peerId: null })).toMatchObject({
      rejectedTx: { reason: 'x'.repeat(256) },
    })
  })

  it('is bad input without a transaction id', () => {
    expect(() => rejected({ txHash: '', reason: '', peerId: PEER_ID })).toThrow(BadInputError)
  })
})
