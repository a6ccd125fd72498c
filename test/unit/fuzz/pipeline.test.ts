import { expect, test } from 'vitest'
import { createWireFormats } from '../../../src/app/wire-formats.ts'
import { readSchemas } from '../../../src/messages/codec/schemas.ts'
import { judgeGossip } from '../../../src/messages/judge-gossip.ts'
import { PEER_ID } from '../../fixtures/announcements.ts'
import { settingsOf } from '../../support/bridge/settings.ts'
import { fc } from '../../support/properties.ts'
import { junk } from './junk.ts'

/** `npm run fuzz` sets a million. */
const CASES = Number(process.env.FUZZ_CASES ?? 20_000)
const MAX_RECORD_BYTES = 64 << 10

const URL = { ASSET_HTTPPUBLICADDRESS: 'https://node.example.org/api/v1' }
const SIGNERS = [PEER_ID, '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK']

/** The pipeline behind the signature, up to the record that is written. */
function createPipeline(dialect: 'plain' | 'envelope') {
  const settings = settingsOf({ NETWORK: 'testnet', CLIENTNAME: 'a', GOSSIP_DIALECT: dialect, REQUIRE_BLOCK_HEADER: 'false', ...URL })
  const formats = createWireFormats(settings, { schemas: readSchemas() })
  const { gossipRules: rules } = formats
  const judge = judgeGossip({
    typeOf: formats.gossipTopics.kindOf,
    maxBytes: rules.maxBytes,
    admit: () => true,
    mayAnnounce: () => true,
    decode: rules.decode,
    refusalReason: rules.refusalReason,
    isScored: rules.isScored,
    isBanned: () => false,
    headerFault: rules.headerFault,
    isSibling: () => false,
    eventId: formats.announcementId,
    isSeen: () => false,
  })
  return { formats, judge }
}

test.each(['plain', 'envelope'] as const)(
  'junk of every kind gets a verdict in %s, and what is accepted can be written and read',
  (name) => {
    const { formats, judge } = createPipeline(name)
    const message = fc.record({
      topic: fc.constantFrom(...formats.gossipTopics.names),
      data: junk(formats.dialect),
      signer: fc.constantFrom(...SIGNERS),
      sequenceNumber: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    })
    const verdicts = new Map<string, number>()
    fc.assert(
      fc.property(message, (heard) => {
        const result = judge({ ...heard, hop: heard.signer, hopAddress: '203.0.113.7' })
        verdicts.set(result.verdict, (verdicts.get(result.verdict) ?? 0) + 1)
        if (result.verdict !== 'accept') {
          expect(result.reason).not.toBe('internal')
          return
        }
        const { id, announcement } = result
        const event = {
          id,
          network: 'testnet',
          bridgeId: 'a',
          origin: 'network',
          peerId: heard.signer,
          receivedAt: 1,
          ...announcement,
        } as const
        const record = formats.toEventRecord(event)
        expect(record.value?.byteLength ?? 0).toBeLessThan(MAX_RECORD_BYTES)
        const read = formats.fromEventRecord({ ...record, topic: 'p2p-events', partition: 0, offset: '0' } as never)
        expect(read?.id).toBe(id)
        expect(read && formats.toEventRecord(read).value).toEqual(record.value)
        formats.toValidationRecord(event)
      }),
      { numRuns: CASES / 2 },
    )
    // Otherwise the junk would be too bad to reach what lies behind the first rule.
    for (const each of ['accept', 'ignore-and-score']) expect(verdicts.get(each)).toBeGreaterThan(0)
  },
  180_000 + 2 * CASES,
)
