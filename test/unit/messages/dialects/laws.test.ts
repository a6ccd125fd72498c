import { describe, expect, it } from 'vitest'
import { createWireFormats } from '../../../../src/app/wire-formats.ts'
import type { LogEvent } from '../../../../src/events/event.ts'
import { logToBrowsers } from '../../../../src/flows/log-to-browsers.ts'
import { type Announcement, contentOf } from '../../../../src/messages/announcement.ts'
import { parseJsonText } from '../../../../src/messages/codec/json-text.ts'
import { readSchemas } from '../../../../src/messages/codec/schemas.ts'
import type { GossipKind } from '../../../../src/messages/dialects/gossip-topics.ts'
import { RefusedError } from '../../../../src/messages/rules/refusal.ts'
import { BLOCK_1_HASH, BLOCK_1_HEADER, PEER_ID } from '../../../fixtures/announcements.ts'
import { settingsOf } from '../../../support/bridge/settings.ts'
import { fc } from '../../../support/properties.ts'

const U = 'https://node.example/api/v1'
const formatsOf = (dialect: string, encoding = 'avro') =>
  createWireFormats(settingsOf({ GOSSIP_DIALECT: dialect, ASSET_HTTPPUBLICADDRESS: U, CLIENTNAME: 'a', ENCODING_EVENTS: encoding }), {
    schemas: readSchemas(),
  })

/** The kinds of fields, as JSON texts: mostly such as a node would write, and what lies at their edges. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '',
    'a\u2028b',
    '\ud800',
    '\u0000',
    '\u202e',
    '\ufffd',
    'full',
    'pruned',
    'silent',
    '<b>',
    'é'.repeat(64),
    'é'.repeat(65),
  ),
)
const hex = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(BLOCK_1_HASH, BLOCK_1_HASH.toUpperCase(), 'aB', '', '00', 'f'.repeat(64)) },
  { weight: 1, arbitrary: fc.oneof(anyText, fc.constantFrom('f'.repeat(65), `${BLOCK_1_HASH}\n`, `0x${'0'.repeat(62)}`)) },
)
const url = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(U, '', 'http://localhosted.com', 'HTTP://A.EXAMPLE:80/ü?ö#ß', 'http://peer', 'http://[2606:4700::1]/'),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(anyText, fc.webUrl(), fc.constantFrom('http://10.0.0.1', `${U}\n`, `http://a.example/${'ü'.repeat(1020)}`)),
  },
)
const INTEGERS = ['0', '1', '4294967295', '9007199254740993', '9223372036854775807', '-1', '-9223372036854775808', '-0']
const REALS = [
  '0',
  '12.5',
  '-1.5',
  '-0',
  '5e-7',
  '1e-999',
  '1e300',
  '1e17',
  '100000000000000000000',
  '9007199254740993',
  '1e20',
  '1e21',
  '1.7976931348623157e308',
]
const BAD = ['null', 'true', '[]', '{}', '"1"', '1.5', '1e5', '4294967296', '18446744073709551616', '1e999']
const number = (texts: readonly string[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...texts) }, { weight: 1, arbitrary: fc.constantFrom(...BAD) })
const string = (text: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 20, arbitrary: text.map((each) => JSON.stringify(each)) }, { weight: 1, arbitrary: fc.constantFrom(...BAD) })
const policy = fc.constantFrom(
  '{}',
  'null',
  '{"miningFee":{"satoshis":18446744073709551615,"bytes":1000},"maxtxsizepolicy":1}',
  '{"miningFee":null}',
  '{"maxscriptsizepolicy":-1}',
  '[]',
  '{"MININGFEE":{"Satoshis":"1"}}',
)

type Fields = Readonly<Record<string, fc.Arbitrary<string>>>
const peerId = string(fc.oneof({ weight: 5, arbitrary: fc.constant(PEER_ID) }, anyText))
const header = string(fc.oneof(fc.constantFrom(BLOCK_1_HEADER, BLOCK_1_HEADER.toUpperCase(), '', '0'), anyText))
const PARTS: Readonly<Record<GossipKind, Fields>> = {
  block: {
    Hash: string(hex),
    Height: number(INTEGERS),
    DataHubURL: string(url),
    PeerID: peerId,
    Header: header,
    ClientName: string(anyText),
    Coinbase: fc.json(),
  },
  subtree: { Hash: string(hex), DataHubURL: string(url), PeerID: peerId, ClientName: string(anyText) },
  'rejected-tx': { TxID: string(hex), Reason: string(anyText), PeerID: peerId, ClientName: string(anyText) },
  'mining-on': {
    Hash: string(hex),
    PreviousHash: string(hex),
    DataHubURL: string(url),
    PeerID: peerId,
    Height: number(INTEGERS),
    Miner: string(anyText),
    SizeInBytes: number(INTEGERS),
    TxCount: number(INTEGERS),
  },
  handshake: {
    type: string(fc.constantFrom('version', 'verack', 'verack', 'other')),
    peerID: peerId,
    bestHeight: number(INTEGERS),
    bestHash: string(hex),
    dataHubURL: string(url),
    userAgent: string(anyText),
    services: number(INTEGERS),
    topicPrefix: string(anyText),
  },
  'best-block': { PeerID: peerId },
  'node-status': {
    peer_id: peerId,
    client_name: string(anyText),
    base_url: string(url),
    propagation_url: string(url),
    version: string(anyText),
    commit_hash: string(anyText),
    best_block_hash: string(hex),
    best_height: number(INTEGERS.slice(0, 3)),
    tx_count: number(INTEGERS.slice(0, 5)),
    subtree_count: number(INTEGERS.slice(0, 3)),
    fsm_state: string(anyText),
    start_time: number(INTEGERS),
    uptime: number(REALS),
    miner_name: string(anyText),
    listen_mode: string(anyText),
    chain_work: string(hex),
    sync_peer_id: string(anyText),
    sync_peer_height: number(INTEGERS.slice(0, 3)),
    sync_peer_block_hash: string(hex),
    sync_connected_at: number(INTEGERS),
    min_mining_tx_fee: number([...REALS, 'null']),
    fee_policy: policy,
    connected_peers_count: number(INTEGERS),
    storage: string(anyText),
  },
}

/** A message of a kind, in which some fields are missing. */
const message = (kind: GossipKind) =>
  fc
    .record(PARTS[kind], { requiredKeys: Object.keys(PARTS[kind]).filter((key) => /hash$|url$|id$|^type$/i.test(key)) })
    .map((fields) => `{${Object.entries(fields).map(([key, text]) => `"${key}":${text}`)}}`)
const enveloped = (json: string) => Buffer.from(JSON.stringify({ name: 'a', data: Buffer.from(json).toString('base64') }))

const PRINTABLE_ASCII = /^[ -~]*$/
const HASH = /^[0-9a-f]{64}$/
const HASHES = new Set(['hash', 'previousHash', 'txId'])
const TEXTS = new Set(['clientName', 'version', 'commitHash', 'minerName', 'fsmState', 'syncPeerId'])
const HEIGHTS = new Set(['height', 'bestHeight', 'syncPeerHeight', 'subtreeCount'])

function expectSound(announcement: Announcement, isEnvelope: boolean): void {
  for (const [name, value] of Object.entries(contentOf(announcement))) {
    if (HASHES.has(name)) expect(value).toMatch(HASH)
    if (name === 'bestBlockHash' && value !== '') expect(value).toMatch(HASH)
    if (isEnvelope && (TEXTS.has(name) || name === 'reason')) expect(value).toMatch(PRINTABLE_ASCII)
    if (HEIGHTS.has(name)) expect(Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32).toBe(true)
  }
}

describe.each(['plain', 'envelope'])('a message in %s that is accepted', (name) => {
  const formats = formatsOf(name)
  const { dialect } = formats
  const kinds = Object.keys(PARTS).filter((kind) =>
    name === 'plain' ? kind !== 'node-status' : dialect.topics.nameOf[kind as GossipKind],
  ) as GossipKind[]
  const asJson = formatsOf(name, 'json')
  const toItem = logToBrowsers({
    formatCursor: String,
    teranodeNotification: (event) => dialect.notification(event as never, 'own'),
  })

  it.each(kinds)('has sound fields, is written and read as it was, and can be sent again: %s', (kind) => {
    let accepted = 0
    fc.assert(
      fc.property(message(kind), (json) => {
        let heard: ReturnType<typeof dialect.decode>
        try {
          heard = dialect.decode(kind, name === 'plain' ? Buffer.from(json) : enveloped(json))
        } catch (error) {
          expect(error).toBeInstanceOf(RefusedError)
          return
        }
        accepted++
        const { announcement, claimedPeerId } = heard
        if (!announcement) return
        expectSound(announcement, name === 'envelope')
        const sent = dialect.encode(announcement, claimedPeerId) ?? Buffer.alloc(0)
        const again = dialect.decode(kind, sent)
        expect(again.claimedPeerId).toBe(claimedPeerId)
        expect({ ...contentOf(again.announcement as Announcement), clientName: '' }).toEqual({ ...contentOf(announcement), clientName: '' })
        expect(dialect.sendFault(announcement, claimedPeerId)).toBeUndefined()
        const event = {
          id: 'e'.repeat(32),
          network: 'mainnet',
          bridgeId: 'a',
          origin: 'network',
          peerId: PEER_ID,
          receivedAt: 1,
          ...announcement,
        } as LogEvent
        for (const each of [formats, asJson]) {
          const read = each.fromEventRecord({ value: each.toEventRecord(event).value } as never)
          expect(contentOf(read as Announcement)).toEqual({ ...contentOf(read as Announcement), ...contentOf(announcement) })
        }
        const item = toItem({ event, offset: 1n, timestamp: 1 } as never)
        const { data } = parseJsonText(item.frame) as { data: Record<string, Record<string, unknown>> }
        const shown = Object.values(data).find((value) => typeof value === 'object') ?? {}
        for (const [property, value] of Object.entries(contentOf(announcement)))
          if (value !== null && value !== undefined) {
            if (typeof value === 'string') expect(shown[property]).toBe(value)
            else expect(Number(shown[property])).toBe(Number(value))
            if (typeof value === 'bigint') expect(BigInt(shown[property] as number)).toBe(value)
          }
        if (item.teranode !== null) expect(typeof parseJsonText(item.teranode)).toBe('object')
      }),
      { numRuns: 3000 },
    )
    expect(accepted).toBeGreaterThan(20)
  })
})
