import { describe, expect, it } from 'vitest'
import { announcementId, banId, eventId, instanceId } from '../../../../src/events/entries/event-id.ts'
import { PEER_ID, SAMPLES } from '../../../fixtures/announcements.ts'

const MESSAGE = { sequenceNumber: 7n }
const RECORD = { topic: 'a.blockchain-notifications', partition: 2, offset: 17n, timestamp: 1_751_878_800_123 }

describe('the id of an event', () => {
  it('is the same in every version, because event logs contain ids', () => {
    const subject = '00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048'
    expect(announcementId('mainnet', SAMPLES.block, PEER_ID, MESSAGE)).toBe(
      eventId({ network: 'mainnet', type: 'block', subject, source: PEER_ID }),
    )
    expect(announcementId('mainnet', SAMPLES.block, PEER_ID, MESSAGE)).toBe('5c471ffc040c3f19e41dbfd7953858fa')
  })

  // Made with Python's hashlib, from the text that stands in eventId's comment: SHA-256 of the four parts with zero bytes between them.
  it.each([
    ['block', '5c471ffc040c3f19e41dbfd7953858fa'],
    ['subtree', 'f91f6738fd7b573b814e4faed509cddc'],
    ['mining-on', 'fd1c955ed4c8679f67de08df0ea02830'],
    ['rejected-tx', '7e328789a5ceb75950fd1a21413a768a'],
  ] as const)('stays what it is for a %s', (type, id) => {
    expect(announcementId('mainnet', SAMPLES[type], PEER_ID, MESSAGE)).toBe(id)
  })

  it('stays the same for events of the bridge itself', () => {
    expect(
      announcementId('mainnet', { ...SAMPLES.subtree, subtree: { ...SAMPLES.subtree.subtree, hash: '44'.repeat(32) } }, 'node-a', RECORD),
    ).toBe('82bc1861e9a5dd0fc83ed0eca99a88cc')
    expect(banId('mainnet', 'node-a', { cause: 'ban-commands:0:17', action: 'add', key: '203.0.113.0/24' })).toBe(
      '79334a57c20d9bcd69a40b9cdb30473a',
    )
    expect(instanceId('mainnet', 'node-a', { instanceId: 'node-a-0', state: 'live', receivedAt: 1_751_878_800_123 })).toBe(
      '8d37611962fb377aa0bbffdca6ef98fb',
    )
  })

  it('distinguishes networks, kinds, contents and signers, and nothing else', () => {
    const base = { network: 'mainnet', type: 'block', subject: 'ab', source: 'peer' }
    const others = [
      { ...base, network: 'testnet' },
      { ...base, type: 'subtree' },
      { ...base, subject: 'ac' },
      { ...base, source: 'other' },
      { ...base, subject: 'a', source: 'bpeer' },
    ]
    expect(new Set([base, ...others].map(eventId)).size).toBe(6)
    const { block } = SAMPLES.block
    const higher = { type: 'block', block: { ...block, height: 9, dataHubUrl: 'http://other.example/' } } as const
    expect(announcementId('mainnet', higher, PEER_ID, RECORD)).toBe(announcementId('mainnet', SAMPLES.block, PEER_ID, MESSAGE))
  })

  it('of a state distinguishes its occurrences, and a redelivered one keeps it', () => {
    const miningOn = SAMPLES['mining-on']
    expect(announcementId('mainnet', miningOn, 'node-a', RECORD)).toBe('00465f550e7a8883349152a6a927d483')
    const others = [
      { ...RECORD, offset: 18n },
      { ...RECORD, partition: 1 },
      { ...RECORD, timestamp: 0 },
      { ...RECORD, topic: 'b' },
    ]
    const ids = [RECORD, ...others, { ...RECORD }].map((record) => announcementId('mainnet', miningOn, 'node-a', record))
    expect(new Set(ids).size).toBe(5)
    expect(announcementId('mainnet', miningOn, PEER_ID, { sequenceNumber: 8n })).not.toBe(
      announcementId('mainnet', miningOn, PEER_ID, MESSAGE),
    )
  })

  it('names each change of the ban list and each instance record', () => {
    const change = { cause: 'ban-commands:0:1', action: 'add', key: '1.2.3.4' }
    const bans = [change, { ...change, cause: 'ban-commands:0:2' }, { ...change, key: '1.2.3.5' }, { ...change, action: 'expire' }]
    expect(new Set(bans.map((ban) => banId('mainnet', 'bridge', ban))).size).toBe(4)
    const record = { instanceId: 'i', state: 'live', receivedAt: 1 }
    const records = [record, { ...record, receivedAt: 2 }, { ...record, state: 'gone' }]
    expect(new Set(records.map((each) => instanceId('mainnet', 'bridge', each))).size).toBe(3)
  })
})
