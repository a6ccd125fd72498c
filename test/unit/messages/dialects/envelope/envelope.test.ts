import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { gossipSuffixes } from '../../../../../src/config/topic-names.ts'
import type { Announcement, AnnouncementType } from '../../../../../src/messages/announcement.ts'
import { createDialect } from '../../../../../src/messages/dialects/dialects.ts'
import { RefusedError } from '../../../../../src/messages/rules/refusal.ts'
import { BLOCK_1_HASH, BLOCK_1_HEADER, ENVELOPE_TYPES, GENESIS_HASH, PEER_ID, SAMPLES } from '../../../../fixtures/announcements.ts'
import { settingsOf } from '../../../../support/bridge/settings.ts'
import { fc } from '../../../../support/properties.ts'

const U = 'https://node.example/api/v1'
const GENESIS_HEADER =
  '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c'
const dialect = createDialect('envelope', {
  network: 'mainnet',
  suffixes: gossipSuffixes(settingsOf()),
  moreSuffixes: { 'rejected-tx': 'rejected-tx' },
  allowPrivateUrls: false,
  blacklistedHosts: new Set(['slow.example']),
  clientName: 'gossip-bridge',
})
const { topics } = dialect
const genesis: Announcement = { type: 'block', block: { hash: GENESIS_HASH, height: 0, header: GENESIS_HEADER, dataHubUrl: U } }
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const inner = (message: Uint8Array): Buffer => Buffer.from((JSON.parse(Buffer.from(message).toString()) as { data: string }).data, 'base64')
const encode = (announcement: Announcement) => dialect.encode(announcement, PEER_ID) ?? Buffer.alloc(0)
const wrapped = (json: object | string, name: unknown = 'a') =>
  Buffer.from(JSON.stringify({ name, data: Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)).toString('base64') }))

/** What becomes of a message: `accepted`, or the broken rule, with a mark if it is the signer's fault. */
function outcome(type: AnnouncementType, message: Uint8Array): string {
  if (message.length > dialect.maxBytes(type)) return 'too-large'
  try {
    dialect.decode(type, message)
    return 'accepted'
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    return dialect.isScored(error.reason) ? `${error.reason}, scored` : error.reason
  }
}

describe('the bytes of a message', () => {
  it('are those of Teranode for the genesis block', () => {
    const message = encode(genesis)
    expect([inner(message).length, sha256(inner(message))]).toEqual([
      408,
      '43737025ef388acd464f7b52ec8715bc97ce4a29829644ee4c78707467e23bfa',
    ])
    expect([message.length, sha256(message)]).toEqual([578, '7d1ec2b102be263d342aaaa021d97938b7e21e0c4ee276790603494be1648265'])
  })

  it.each<[AnnouncementType, string]>([
    ['block', 'PeerID ClientName DataHubURL Hash Height Header Coinbase'],
    ['subtree', 'PeerID ClientName DataHubURL Hash'],
    ['rejected-tx', 'PeerID ClientName TxID Reason'],
    [
      'node-status',
      'peer_id client_name type base_url propagation_url version commit_hash best_block_hash best_height tx_count subtree_count fsm_state start_time uptime ' +
        'miner_name listen_mode chain_work sync_peer_id sync_peer_height sync_peer_block_hash sync_connected_at min_mining_tx_fee fee_policy connected_peers_count storage',
    ],
  ])('have the keys of %s in Teranode’s order', (type, keys) => {
    expect(Object.keys(JSON.parse(inner(encode(SAMPLES[type])).toString()))).toEqual(keys.split(' '))
  })

  it('leave out what Go omits while it is empty', () => {
    const { nodeStatus } = SAMPLES['node-status']
    const empty = {
      ...nodeStatus,
      propagationUrl: '',
      txCount: 0n,
      subtreeCount: 0,
      syncPeerId: '',
      syncPeerHeight: 0,
      syncPeerBlockHash: '',
      syncConnectedAt: 0n,
      minMiningTxFee: null,
      feePolicy: null,
      connectedPeersCount: 0n,
      storage: '',
      minerName: '',
      chainWork: '',
    }
    const text = inner(encode({ type: 'node-status', nodeStatus: empty })).toString()
    expect(Object.keys(JSON.parse(text))).toEqual(
      'peer_id client_name type base_url version commit_hash best_block_hash best_height fsm_state start_time uptime miner_name listen_mode chain_work'.split(
        ' ',
      ),
    )
    expect(inner(encode({ type: 'node-status', nodeStatus: { ...empty, minMiningTxFee: 0 } })).toString()).toContain(
      '"min_mining_tx_fee":0',
    )
  })

  it('exist for no other kind', () => {
    expect(dialect.encode(SAMPLES['mining-on'], PEER_ID)).toBeUndefined()
    expect(topics.nameOf['mining-on']).toBe('')
    expect(topics.nameOf.handshake).toBe('')
  })

  it('come back as they were', () => {
    for (const type of ENVELOPE_TYPES) expect(dialect.decode(type, encode(SAMPLES[type]))).toMatchObject({ claimedPeerId: PEER_ID })
    expect(dialect.decode('node-status', encode(SAMPLES['node-status'])).announcement).toEqual({
      ...SAMPLES['node-status'],
      nodeStatus: { ...SAMPLES['node-status'].nodeStatus, clientName: 'gossip-bridge' },
    })
  })
})

describe('the topics', () => {
  it('have the names of the network, both ways', () => {
    expect(topics.nameOf.block).toBe('teranode/bitcoin/1.0.0/mainnet-block')
    expect(topics.kindOf('teranode/bitcoin/1.0.0/mainnet-node_status')).toBe('node-status')
    expect(topics.kindOf('bitcoin/mainnet-block')).toBeUndefined()
  })

  it('may be two for rejected transactions', () => {
    expect(topics.namesOf['rejected-tx']).toEqual(
      ['rejected_tx', 'rejected-tx'].map((suffix) => `teranode/bitcoin/1.0.0/mainnet-${suffix}`),
    )
    expect(topics.kindOf('teranode/bitcoin/1.0.0/mainnet-rejected-tx')).toBe('rejected-tx')
    expect(topics.names).toHaveLength(5)
  })
})

const block = { PeerID: PEER_ID, ClientName: 'a', DataHubURL: U, Hash: BLOCK_1_HASH, Height: 1, Header: BLOCK_1_HEADER, Coinbase: '' }
const subtree = { PeerID: PEER_ID, ClientName: 'a', DataHubURL: U, Hash: BLOCK_1_HASH }
const rejected = { PeerID: PEER_ID, ClientName: '', TxID: BLOCK_1_HASH, Reason: 'x' }
const status = { peer_id: PEER_ID, base_url: '', best_block_hash: BLOCK_1_HASH, best_height: 1 }

describe('a message from others', () => {
  it.each<[string, AnnouncementType, object | string]>([
    ['accepted', 'block', block],
    ['accepted', 'block', { ...block, Coinbase: 'x'.repeat(20_000), Unknown: [1, { a: 2 }] }],
    ['accepted', 'block', { ...block, Coinbase: { any: 'thing' } }],
    ['accepted', 'block', JSON.stringify(block).replace('"Hash"', '"hASH"').replace('"PeerID"', '"peerid"')],
    ['accepted', 'block', { ...block, Header: '' }],
    ['accepted', 'block', { ...block, Header: '00' }],
    ['header, scored', 'block', { ...block, Header: `${BLOCK_1_HEADER}0` }],
    ['header, scored', 'block', { ...block, Header: 'g'.repeat(160) }],
    ['accepted', 'block', { ...block, Hash: BLOCK_1_HASH.toUpperCase() }],
    ['accepted', 'block', { ...block, Hash: 'aBc' }],
    ['no-hash', 'block', { ...block, Hash: '' }],
    ['no-hash', 'block', { ...block, Hash: '00' }],
    ['hash, scored', 'block', { ...block, Hash: 'xyz' }],
    ['hash, scored', 'block', { ...block, Hash: `${BLOCK_1_HASH}0` }],
    ['wrong-type', 'block', { ...block, Height: -1 }],
    ['wrong-type', 'block', { ...block, Height: 2 ** 32 }],
    ['wrong-type', 'block', { ...block, Height: 1.5 }],
    ['wrong-type', 'block', { ...block, Height: '1' }],
    ['wrong-type', 'block', []],
    ['not-json', 'block', 'junk'],
    ['peer-id, scored', 'block', { ...block, PeerID: 'x'.repeat(129) }],
    ['not-printable, scored', 'block', { ...block, PeerID: 'a\u202eb' }],
    ['url, scored', 'block', { ...block, DataHubURL: '' }],
    ['url, scored', 'block', { ...block, DataHubURL: `${U}/${'x'.repeat(2048)}` }],
    ['not-printable, scored', 'block', { ...block, DataHubURL: `${U}\n` }],
    ['not-printable, scored', 'block', { ...block, DataHubURL: `${U}\u00a0` }],
    ['accepted', 'block', { ...block, ClientName: 'x'.repeat(4096) }],
    ['too-large', 'block', { ...block, Coinbase: 'x'.repeat(32 * 1024) }],
    ['url, scored', 'subtree', { ...subtree, DataHubURL: '' }],
    ['no-hash', 'subtree', { ...subtree, Hash: '' }],
    ['hash, scored', 'rejected-tx', { ...rejected, TxID: 'nothex' }],
    ['accepted', 'rejected-tx', { ...rejected, Reason: 'r'.repeat(2000) }],
    ['too-large', 'rejected-tx', { ...rejected, Reason: 'r'.repeat(16 * 1024) }],
    ['accepted', 'node-status', status],
    ['accepted', 'node-status', { ...status, best_block_hash: 'no hash' }],
    ['accepted', 'node-status', { ...status, start_time: -1, uptime: 1e300, min_mining_tx_fee: 0 }],
    ['wrong-type', 'node-status', { ...status, uptime: '1' }],
    ['wrong-type', 'node-status', { ...status, start_time: 1.5 }],
    ['wrong-type', 'node-status', { ...status, fee_policy: 'none' }],
    ['wrong-type', 'node-status', { ...status, fee_policy: { maxtxsizepolicy: -1 } }],
    ['url-private, scored', 'node-status', { ...status, base_url: 'http://10.0.0.1/' }],
    ['url-unclear', 'block', { ...block, DataHubURL: 'http://100.64.0.1/' }],
    ['url-unclear', 'subtree', { ...subtree, DataHubURL: 'http://user:secret@node.example/' }],
    ['url-unclear', 'node-status', { ...status, base_url: 'http://node.local/' }],
    ['url-blacklisted', 'block', { ...block, DataHubURL: 'https://slow.example/api' }],
    ['url-blacklisted', 'subtree', { ...subtree, DataHubURL: 'https://SLOW.example./' }],
    ['accepted', 'node-status', { ...status, base_url: 'https://slow.example/api' }],
    ['not-printable, scored', 'node-status', { ...status, propagation_url: `${U}\n` }],
    ['url, scored', 'node-status', { ...status, propagation_url: `${U}/${'x'.repeat(2048)}` }],
    ['too-large', 'node-status', { ...status, miner_name: 'x'.repeat(64 * 1024) }],
  ])('is %s: %s %j', (expected, type, message) => {
    expect(outcome(type, wrapped(message))).toBe(expected)
  })

  it.each<[string, string]>([
    ['not-json', 'junk'],
    ['wrong-type', '[]'],
    ['wrong-type', '{"name":"a","data":7}'],
    ['envelope', '{"name":"a"}'],
    ['envelope', '{"name":"a","data":"%%%%"}'],
    ['envelope', '{"name":"a","data":"e30"}'],
    ['envelope', JSON.stringify(block)],
  ])('without an envelope is %s, and nobody is scored: %s', (expected, text) => {
    expect(outcome('block', Buffer.from(text))).toBe(expected)
  })

  it('is read as Go reads it: line breaks in the base64, keys in any case', () => {
    const base64 = Buffer.from(JSON.stringify(block)).toString('base64')
    const text = JSON.stringify({ NAME: 'x', Data: `${base64.slice(0, 76)}\r\n${base64.slice(76)}` })
    expect(outcome('block', Buffer.from(text))).toBe('accepted')
  })

  it('has its hashes in canonical form', () => {
    const { announcement } = dialect.decode('block', wrapped({ ...block, Hash: 'aBc', Header: BLOCK_1_HEADER.toUpperCase() }))
    expect(announcement).toMatchObject({ block: { hash: 'abc'.padStart(64, '0'), header: BLOCK_1_HEADER, clientName: 'a' } })
  })

  it('is a status without a URL if the URL is blacklisted', () => {
    const { announcement } = dialect.decode('node-status', wrapped({ ...status, base_url: 'https://slow.example/api' }))
    expect(announcement).toMatchObject({ nodeStatus: { dataHubUrl: '', bestHeight: 1 } })
  })

  it('is a status without a best block if the hash cannot be read', () => {
    const { announcement } = dialect.decode('node-status', wrapped({ ...status, best_block_hash: 'no hash', best_height: 7 }))
    expect(announcement).toMatchObject({ nodeStatus: { bestBlockHash: '', bestHeight: 0 } })
  })

  it.each(['http://localhost/', 'teranode1:8833', 'javascript:alert(1)', 'http://user:secret@node.example/'])(
    'is a status without a propagation URL, and nobody is scored, if the URL is %s',
    (url) => {
      const { announcement } = dialect.decode('node-status', wrapped({ ...status, propagation_url: url }))
      expect(announcement).toMatchObject({ nodeStatus: { propagationUrl: '', bestHeight: 1 } })
    },
  )

  it('is refused or read, whatever the bytes', () => {
    const data = fc.oneof(
      fc.uint8Array(),
      fc.json().map((json) => wrapped(json)),
      fc.string().map((text) => wrapped(text)),
      fc.json().map((json) => Buffer.from(json)),
    )
    fc.assert(
      fc.property(fc.constantFrom(...ENVELOPE_TYPES), data, (type, bytes) => {
        expect(typeof outcome(type, bytes)).toBe('string')
      }),
      { numRuns: 2000 },
    )
  })
})

describe('an own message', () => {
  it('is one that the receivers take', () => {
    for (const type of ENVELOPE_TYPES) expect(dialect.sendFault(SAMPLES[type], PEER_ID)).toBeUndefined()
  })

  it.each<[string, Announcement]>([
    ['the URL leads into a private network', { type: 'block', block: { ...SAMPLES.block.block, dataHubUrl: 'http://192.168.1.1/' } }],
    ['the URL has characters that cannot be printed', { type: 'subtree', subtree: { ...SAMPLES.subtree.subtree, dataHubUrl: `${U}\n` } }],
    ['Hash has to be', { type: 'subtree', subtree: { ...SAMPLES.subtree.subtree, hash: 'xyz' } }],
    ['some nodes read 8000 at most', { type: 'rejected-tx', rejectedTx: { txId: BLOCK_1_HASH, reason: 'é'.repeat(5000) } }],
  ])('is not sent when %s', (fault, announcement) => {
    expect(dialect.sendFault(announcement, PEER_ID)).toContain(fault)
  })
})
