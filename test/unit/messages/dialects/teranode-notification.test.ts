import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type SeenEvent, teranodeNotification, teranodePing } from '../../../../src/messages/dialects/teranode-notification.ts'
import { BLOCK_1_HASH, GENESIS_HASH, PEER_ID } from '../../../fixtures/announcements.ts'

const { wire, nasty } = JSON.parse(readFileSync(new URL('../../../fixtures/gossip/go-json.json', import.meta.url), 'utf8')) as {
  wire: Record<string, string>
  nasty: string
}
const dataHubUrl = 'http://teranode1.example.com:8090/api/v1?a=1&b=<2>'
const receivedAt = Date.parse('2025-07-07T09:00:00.999Z')
const seen = { peerId: PEER_ID, receivedAt }
const miningOn = {
  hash: GENESIS_HASH,
  previousHash: BLOCK_1_HASH,
  height: 850_000,
  miner: nasty,
  sizeInBytes: 9007199254740993n,
  txCount: 12n,
  dataHubUrl,
}

describe('the notification for Teranode clients', () => {
  it.each<[string, SeenEvent]>([
    ['wsBlock', { ...seen, type: 'block', block: { hash: GENESIS_HASH, height: 850_000, header: null, dataHubUrl } }],
    ['wsGenesis', { ...seen, type: 'block', block: { hash: GENESIS_HASH, height: 0, header: null, dataHubUrl } }],
    ['wsSubtree', { ...seen, type: 'subtree', subtree: { hash: GENESIS_HASH, dataHubUrl } }],
    ['wsMiningOn', { ...seen, type: 'mining-on', miningOn }],
    [
      'wsMiningOnEmpty',
      { ...seen, type: 'mining-on', miningOn: { ...miningOn, miner: '', sizeInBytes: 4000n, txCount: 0n, dataHubUrl: '' } },
    ],
  ])('is the text that Go writes: %s', (name, event) => {
    expect(teranodeNotification(event, 'own-peer')).toBe(wire[name])
  })

  it('names the own peer for what the own node announces', () => {
    const own: SeenEvent = { peerId: null, receivedAt, type: 'subtree', subtree: { hash: GENESIS_HASH, dataHubUrl } }
    expect(teranodeNotification(own, PEER_ID)).toBe(wire.wsSubtree)
  })

  it.each([
    [9e15, '9999-12-31T23:59:59Z'],
    [1.7e18, '9999-12-31T23:59:59Z'],
    [-9e15, '1970-01-01T00:00:00Z'],
  ])('has a time that its readers can parse, whatever the record says: %d', (at, timestamp) => {
    const event: SeenEvent = { ...seen, receivedAt: at, type: 'subtree', subtree: { hash: GENESIS_HASH, dataHubUrl } }
    expect(JSON.parse(teranodeNotification(event, '') ?? '')).toMatchObject({ timestamp })
  })

  it('does not exist for what Teranode does not show', () => {
    expect(teranodeNotification({ ...seen, type: 'rejected-tx', rejectedTx: { txId: GENESIS_HASH, reason: '' } }, '')).toBeNull()
  })

  it('has a ping', () => {
    expect(teranodePing(receivedAt, dataHubUrl)).toBe(wire.ping)
  })
})
