import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { gossipSuffixes } from '../../../../src/config/topic-names.ts'
import { ANNOUNCEMENT_TYPES, type Announcement, type AnnouncementType } from '../../../../src/messages/announcement.ts'
import { createDialect } from '../../../../src/messages/dialects/dialects.ts'
import { decodePlain, encodePlain } from '../../../../src/messages/dialects/plain.ts'
import { RefusedError } from '../../../../src/messages/rules/refusal.ts'
import { BLOCK_1_HASH, BLOCK_1_HEADER, GENESIS_HASH, PEER_ID } from '../../../fixtures/announcements.ts'
import { settingsOf } from '../../../support/bridge/settings.ts'
import { fc } from '../../../support/properties.ts'

const { wire, nasty } = JSON.parse(readFileSync(new URL('../../../fixtures/gossip/go-json.json', import.meta.url), 'utf8')) as {
  wire: Record<string, string>
  nasty: string
}
const dataHubUrl = 'http://teranode1.example.com:8090/api/v1?a=1&b=<2>'
const rules = { allowPrivateUrls: false }
const block = { hash: GENESIS_HASH, height: 850_000, header: null, dataHubUrl }

function text(announcement: Announcement): string {
  return Buffer.from(encodePlain(announcement, { peerId: PEER_ID }) ?? []).toString()
}

function refusal(type: AnnouncementType, message: object | string): string {
  try {
    decodePlain(type, Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)), rules)
  } catch (error) {
    if (error instanceof RefusedError) return error.reason
    throw error
  }
  return 'accepted'
}

describe('the bytes of an announcement', () => {
  const miningOn = {
    hash: GENESIS_HASH,
    previousHash: BLOCK_1_HASH,
    height: 850_000,
    miner: nasty,
    sizeInBytes: 2n ** 64n - 1n,
    txCount: 9007199254740993n,
    dataHubUrl,
  }
  it.each<[string, Announcement]>([
    ['block', { type: 'block', block }],
    ['subtree', { type: 'subtree', subtree: { hash: GENESIS_HASH, dataHubUrl } }],
    ['miningOn', { type: 'mining-on', miningOn }],
    ['rejectedTx', { type: 'rejected-tx', rejectedTx: { txId: GENESIS_HASH, reason: nasty } }],
    ['blockWithHeader', { type: 'block', block: { ...block, height: 0, header: '01' } }],
  ])('are those of Go for %s', (name, announcement) => {
    expect(text(announcement)).toBe(wire[name])
  })
})

describe('what a block message says', () => {
  const good = { Hash: BLOCK_1_HASH, Height: 1, DataHubURL: dataHubUrl, PeerID: PEER_ID }

  it('is read from either era of the dialect', () => {
    const decoded = decodePlain('block', Buffer.from(wire.block ?? ''), rules)
    expect(decoded).toEqual({ announcement: { type: 'block', block }, claimedPeerId: PEER_ID })
    const withHeader = decodePlain(
      'block',
      Buffer.from(JSON.stringify({ ...good, Header: BLOCK_1_HEADER.toUpperCase(), Coinbase: '' })),
      rules,
    )
    expect(withHeader.announcement).toMatchObject({ block: { header: BLOCK_1_HEADER } })
  })

  it.each([
    ['upper case', BLOCK_1_HASH.toUpperCase(), BLOCK_1_HASH],
    ['short', 'aBc', 'abc'.padStart(64, '0')],
  ])('has its hash in canonical form: %s', (_, Hash, canonical) => {
    const { announcement } = decodePlain('block', Buffer.from(JSON.stringify({ ...good, Hash })), rules)
    expect(announcement).toMatchObject({ block: { hash: canonical } })
  })

  it.each<[string, object | string]>([
    ['not-json', 'junk'],
    ['not-json', ''],
    ['not-json', '\0'.repeat(100)],
    ['wrong-type', '[]'],
    ['wrong-type', { ...good, Height: -1 }],
    ['wrong-type', { ...good, Height: 1.5 }],
    ['wrong-type', { ...good, Height: 2 ** 32 }],
    ['wrong-type', { ...good, Hash: 7 }],
    ['hash', {}],
    ['hash', { ...good, Hash: '' }],
    ['hash', { ...good, Hash: '0' }],
    ['hash', { ...good, Hash: `${BLOCK_1_HASH}0` }],
    ['hash', { ...good, Hash: 'xyz' }],
    ['hash', { ...good, Hash: `${BLOCK_1_HASH.slice(0, 63)}\0` }],
    ['header', { ...good, Header: '00' }],
    ['header', { ...good, Header: 'g'.repeat(160) }],
    ['peer-id', { ...good, PeerID: 'x'.repeat(129) }],
    ['peer-id', { ...good, PeerID: 'a\nb' }],
    ['url', { ...good, DataHubURL: '' }],
    ['url', { ...good, DataHubURL: 'legacy' }],
    ['url-private', { ...good, DataHubURL: 'http://127.0.0.1/' }],
    ['control-character', { ...good, DataHubURL: 'http://a.example/\u0000' }],
  ])('is refused as %s: %j', (reason, message) => {
    expect(refusal('block', message)).toBe(reason)
  })
})

describe('a refusal', () => {
  it.each([
    ['hash', true],
    ['not-json', true],
    ['url', false],
    ['url-private', false],
    ['url-unclear', false],
    ['url-blacklisted', false],
  ])('for %s is the signer’s fault: %s, since older nodes look at no URL', (reason, isScored) => {
    const dialect = createDialect('plain', {
      network: 'regtest',
      suffixes: gossipSuffixes(settingsOf()),
      allowPrivateUrls: false,
      clientName: '',
    })
    expect(dialect.isScored(reason)).toBe(isScored)
  })
})

describe('what the other messages say', () => {
  const miningOn = {
    Hash: BLOCK_1_HASH,
    PreviousHash: GENESIS_HASH,
    DataHubURL: '',
    PeerID: PEER_ID,
    Height: 1,
    Miner: '',
    SizeInBytes: 1,
    TxCount: 1,
  }

  it.each<[string, AnnouncementType, object | string]>([
    ['accepted', 'mining-on', miningOn],
    ['accepted', 'mining-on', { ...miningOn, Miner: 'é'.repeat(256) }],
    ['miner', 'mining-on', { ...miningOn, Miner: 'm'.repeat(257) }],
    ['control-character', 'mining-on', { ...miningOn, Miner: 'a\u001b[2J' }],
    ['url-private', 'mining-on', { ...miningOn, DataHubURL: 'http://localhost/' }],
    ['hash', 'mining-on', { ...miningOn, PreviousHash: '' }],
    ['count', 'mining-on', JSON.stringify(miningOn).replace('"TxCount":1', '"TxCount":9007199254740992')],
    ['wrong-type', 'mining-on', { ...miningOn, SizeInBytes: -1 }],
    ['url', 'subtree', { Hash: BLOCK_1_HASH, PeerID: PEER_ID }],
    ['hash', 'rejected-tx', { Reason: 'x', PeerID: PEER_ID }],
    ['control-character', 'rejected-tx', { TxID: BLOCK_1_HASH, Reason: 'a\u0000', PeerID: PEER_ID }],
    ['wrong-type', 'rejected-tx', { TxID: BLOCK_1_HASH, Reason: ['x'], PeerID: PEER_ID }],
  ])('is %s for %s: %j', (reason, type, message) => {
    expect(refusal(type, message)).toBe(reason)
  })

  it('has long reasons cut and their line breaks taken out', () => {
    const Reason = `TX_INVALID (31):\n\t${'x'.repeat(235)}😀${'y'.repeat(2000)}`
    const { announcement } = decodePlain('rejected-tx', Buffer.from(JSON.stringify({ TxID: BLOCK_1_HASH, Reason, PeerID: PEER_ID })), rules)
    expect(announcement).toMatchObject({ rejectedTx: { reason: `TX_INVALID (31): ${'x'.repeat(235)}😀yy` } })
  })

  it('is a refusal or an announcement, whatever the bytes', () => {
    const data = fc.oneof(
      fc.uint8Array(),
      fc.json().map((json) => Buffer.from(json)),
    )
    fc.assert(
      fc.property(fc.constantFrom(...ANNOUNCEMENT_TYPES), data, (type, bytes) => {
        try {
          decodePlain(type, bytes, rules)
        } catch (error) {
          expect(error).toBeInstanceOf(RefusedError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
