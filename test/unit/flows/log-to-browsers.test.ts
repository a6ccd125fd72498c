import { expect, test } from 'vitest'
import { DEFAULT_EVENT_TYPES, EVENT_TYPES } from '../../../src/events/entries/event-kinds.ts'
import type { LogEvent } from '../../../src/events/event.ts'
import type { EventEntry } from '../../../src/events/reading/read-events.ts'
import { logToBrowsers } from '../../../src/flows/log-to-browsers.ts'

const base = {
  id: 'aabbccdd'.repeat(4),
  network: 'regtest',
  bridgeId: 'node-a',
  origin: 'network',
  peerId: '12D3KooWPeer',
  receivedAt: 1_751_879_600_000,
} as const
const toItem = logToBrowsers({
  formatCursor: (offset, id) => `v1.${offset}.${id.slice(0, 8)}`,
  teranodeNotification: (event) => (event.type === 'block' ? 'teranode text' : null),
})
const entry = (event: LogEvent): EventEntry => ({ event, offset: 42n, timestamp: 1_751_879_600_007 })
const hash = 'ab'.repeat(32)

test('an event becomes its frame, once, with cursor and both times', () => {
  const item = toItem(entry({ ...base, type: 'block', block: { hash, height: 7, header: null, dataHubUrl: 'http://n.example' } }))
  expect(item).toMatchObject({ offset: 42n, cursor: 'v1.42.aabbccdd', id: base.id, type: 'block', teranode: 'teranode text' })
  expect(JSON.parse(item.frame)).toEqual({
    type: 'event',
    id: base.id,
    cursor: 'v1.42.aabbccdd',
    data: {
      origin: 'network',
      peerId: '12D3KooWPeer',
      receivedAt: 1_751_879_600_000,
      type: 'block',
      block: { hash, height: 7, dataHubUrl: 'http://n.example' },
      loggedAt: 1_751_879_600_007,
    },
  })
})

test('the size needs no serialising, and is about that of the frame', () => {
  let serialised = 0
  const convert = logToBrowsers({ formatCursor: () => 'v1.42.aabbccdd', teranodeNotification: () => `${++serialised}` })
  for (const reason of ['dust', 'x'.repeat(5000)]) {
    const item = convert(entry({ ...base, type: 'rejected-tx', rejectedTx: { txId: hash, reason } }))
    expect(serialised).toBe(0)
    expect(item.size / item.frame.length).toBeGreaterThan(0.8)
    expect(item.size / item.frame.length).toBeLessThan(2)
  }
})

test('each text is serialised once', () => {
  let serialised = 0
  const convert = logToBrowsers({ formatCursor: () => 'v1.42.aabbccdd', teranodeNotification: () => `${++serialised}` })
  const item = convert(entry({ ...base, type: 'rejected-tx', rejectedTx: { txId: hash, reason: 'dust' } }))
  expect([item.teranode, item.teranode]).toEqual(['1', '1'])
  expect(item.frame).toBe(item.frame)
})

test('counts beyond 2^53 stay exact JSON integers', () => {
  const miningOn = {
    hash,
    previousHash: hash,
    height: 7,
    miner: '"quoted"\n',
    sizeInBytes: 2n ** 63n - 1n,
    txCount: 9_007_199_254_740_993n,
    dataHubUrl: '',
  }
  const { frame } = toItem(entry({ ...base, type: 'mining-on', miningOn }))
  expect(frame).toContain('"sizeInBytes":9223372036854775807,"txCount":9007199254740993')
  expect(JSON.parse(frame).data.miningOn.miner).toBe('"quoted"\n')
})

test('an event that Teranode does not show has no text for Teranode clients', () => {
  expect(toItem(entry({ ...base, type: 'rejected-tx', rejectedTx: { txId: hash, reason: 'dust' } })).teranode).toBeNull()
})

test('instance records go only to clients that subscribe to them', () => {
  expect(EVENT_TYPES).toContain('instance')
  expect(DEFAULT_EVENT_TYPES).toEqual(EVENT_TYPES.filter((type) => type !== 'instance'))
})
