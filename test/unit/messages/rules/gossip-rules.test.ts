import { describe, expect, it } from 'vitest'
import { gossipSuffixes } from '../../../../src/config/topic-names.ts'
import { createDialect } from '../../../../src/messages/dialects/dialects.ts'
import { encodePlain } from '../../../../src/messages/dialects/plain.ts'
import { createGossipRules } from '../../../../src/messages/rules/gossip-rules.ts'
import { canonicalHash } from '../../../../src/messages/rules/hash.ts'
import { RefusedError } from '../../../../src/messages/rules/refusal.ts'
import { GENESIS_HASH, PEER_ID, SAMPLES } from '../../../fixtures/announcements.ts'
import { settingsOf } from '../../../support/bridge/settings.ts'

const dialect = createDialect('plain', {
  network: 'mainnet',
  suffixes: gossipSuffixes(settingsOf()),
  allowPrivateUrls: false,
  clientName: 'a',
})
const rules = createGossipRules({ minBlockWork: 2n, requireBlockHeader: false }, dialect)

describe('the rules of the dialect', () => {
  it('give each kind its size', () => {
    expect(rules.maxBytes('block')).toBe(32_768)
    expect(rules.maxBytes('subtree')).toBe(32_768)
    expect(rules.maxBytes('rejected-tx')).toBe(16_384)
    expect(rules.maxBytes('handshake')).toBe(8192)
  })

  it('read announcements and handshakes', () => {
    expect(rules.decode('block', encodePlain(SAMPLES.block, { peerId: PEER_ID }) ?? Buffer.alloc(0))).toEqual({
      announcement: SAMPLES.block,
      handshake: undefined,
      claimedPeerId: PEER_ID,
    })
    const version = Buffer.from(JSON.stringify({ type: 'version', peerID: PEER_ID, bestHeight: 5 }))
    expect(rules.decode('handshake', version)).toMatchObject({
      announcement: undefined,
      handshake: { bestHeight: 5 },
      claimedPeerId: PEER_ID,
    })
  })

  it('ask for a header only where there is one', () => {
    expect(rules.headerFault(SAMPLES.block)).toBeUndefined()
    expect(rules.headerFault(SAMPLES.subtree)).toBeUndefined()
    expect(rules.headerFault({ type: 'block', block: { ...SAMPLES.block.block, header: null } })).toBeUndefined()
    expect(rules.headerFault({ type: 'block', block: { ...SAMPLES.block.block, hash: GENESIS_HASH } })).toBe('header-hash')
    const strict = createGossipRules({ minBlockWork: 2n ** 64n, requireBlockHeader: false }, dialect)
    expect(strict.headerFault(SAMPLES.block)).toBe('header-work')
  })

  it('believe no block without a header where it is required, at whatever height', () => {
    const strict = createGossipRules({ minBlockWork: 2n, requireBlockHeader: true }, dialect)
    const block = { ...SAMPLES.block.block, header: null, height: 4_294_967_295 }
    expect(strict.headerFault({ type: 'block', block })).toBe('header-missing')
    expect(strict.headerFault(SAMPLES.block)).toBeUndefined()
    expect(strict.headerFault(SAMPLES.subtree)).toBeUndefined()
  })

  it('tell content that breaks a rule from a fault of our own', () => {
    expect(rules.refusalReason(new RefusedError('hash', ''))).toBe('hash')
    expect(rules.refusalReason(new TypeError('x'))).toBeUndefined()
  })
})

describe('the gossip topics', () => {
  const { topics } = dialect

  it('have the names of the network, both ways', () => {
    expect(topics.nameOf['mining-on']).toBe('bitcoin/mainnet-miningon')
    expect(topics.kindOf('bitcoin/mainnet-rejected_tx')).toBe('rejected-tx')
    expect(topics.kindOf('bitcoin/testnet-block')).toBeUndefined()
  })
})

describe('a canonical hash', () => {
  it.each([
    [GENESIS_HASH, GENESIS_HASH],
    [GENESIS_HASH.toUpperCase(), GENESIS_HASH],
    [GENESIS_HASH.replace(/^0+/, ''), GENESIS_HASH],
    ['F', 'f'.padStart(64, '0')],
    ['', undefined],
    ['0'.repeat(64), undefined],
    ['00', undefined],
    [`0${GENESIS_HASH}`, undefined],
    [`0x${GENESIS_HASH.slice(2)}`, undefined],
    ['ａ', undefined],
  ])('of %o is %o', (text, hash) => {
    expect(canonicalHash(text)).toBe(hash)
  })
})
