import { expect, test } from 'vitest'
import type { LogEvent } from '../../../../src/events/event.ts'
import { OwnTip } from '../../../../src/events/reading/own-tip.ts'
import type { EventLogSubscriber } from '../../../../src/events/reading/subscribers.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'

const running = new AbortController().signal
const base = { id: 'i', network: 'regtest', bridgeId: 'a', origin: 'own', peerId: null, receivedAt: 0 }
const block = (height: number, other: object = {}) =>
  ({ ...base, type: 'block', block: { hash: `block-${height}`, height, header: 'h', dataHubUrl: 'u' }, ...other }) as unknown as LogEvent
const miningOn = (height: number) =>
  ({ ...base, type: 'mining-on', miningOn: { hash: `block-${height}`, height, miner: `miner-${height}` } }) as unknown as LogEvent

function follow() {
  const tip = new OwnTip({ bridgeId: 'a', network: 'regtest' })
  let listener: EventLogSubscriber = {}
  tip.follow({
    subscribe(subscriber) {
      listener = subscriber
      return () => {}
    },
  })
  const see = (event: LogEvent, order?: bigint, timestamp = 1000) =>
    void listener.onEntries?.({
      entries: [{ event, offset: 0n, timestamp, ...(order === undefined ? {} : { order }) }],
      next: 1n,
      isReadBack: false,
    })
  return { tip, see }
}

test('the tip is the own block announced last, also after a reorganisation to a lower height', () => {
  const { tip, see } = follow()
  expect(tip.current()).toBeUndefined()
  see(block(7))
  see(block(9, { origin: 'network' }))
  see(block(8, { bridgeId: 'b' }))
  expect(tip.current()).toEqual({ hash: 'block-7', height: 7, header: 'h', miner: '' })
  see(block(6))
  expect(tip.current()?.height).toBe(6)
})

test('the block that the node mines on is its tip, and keeps the header that is known; its miner stays known too', () => {
  const { tip, see } = follow()
  see(block(7))
  see(miningOn(7))
  expect(tip.current()).toEqual({ hash: 'block-7', height: 7, header: 'h', miner: 'miner-7' })
  see(block(7))
  expect(tip.current()?.miner).toBe('miner-7')
  see(miningOn(5))
  expect(tip.current()).toEqual({ hash: 'block-5', height: 5, header: null, miner: 'miner-5' })
})

test('of blocks that were announced in the same millisecond the highest counts, in whatever order they come', () => {
  const { tip, see } = follow()
  for (const height of [8, 9, 7]) see(block(height), 70n)
  expect(tip.current()?.height).toBe(9)
})

test('of a backlog, which may come in any order, the event that the node announced last counts', () => {
  const { tip, see } = follow()
  see(block(7), 70n)
  see(miningOn(9), 91n)
  see(block(9), 90n)
  see(block(8), 80n)
  see(miningOn(8), 81n)
  expect(tip.current()?.height).toBe(9)
  see(miningOn(6), 95n) // a reorganisation
  expect(tip.current()?.height).toBe(6)
})

test('a clock of the node that is ahead, or is set back, does not hold the tip', () => {
  const { tip, see } = follow()
  see(block(7), 5000n, 1000)
  see(miningOn(6), 1100n, 1100)
  expect(tip.current()?.height).toBe(6)
  see(block(8), 200n, 1200)
  expect(tip.current()?.height).toBe(8)
  see(miningOn(5), undefined, 1300)
  expect(tip.current()?.height).toBe(5)
})

/** An event log whose records hold their event's index in the value. */
function eventLogOf(events: (LogEvent | undefined)[]) {
  const records = events.map((event, offset) => ({
    offset: BigInt(offset),
    value: Buffer.from(String(offset)),
    timestamp: 1000,
    headers: { type: event?.type ?? 'subtree', ...(event?.origin === 'network' ? { 'peer-id': 'p' } : {}) },
  })) as unknown as KafkaRecord[]
  let decoded = 0
  const decode = ({ value }: KafkaRecord) => {
    decoded += 1
    return events[Number(value)]
  }
  const reader = {
    bounds: async () => ({ low: 0n, high: BigInt(events.length) }),
    read: async (from: bigint) => {
      const page = records.slice(Number(from), Number(from) + 100)
      return { records: page, next: from + BigInt(page.length) }
    },
  }
  return { reader, decode, decoded: () => decoded }
}

test('is restored from older events: the last own block counts, and only candidates are decoded', async () => {
  const events = Array.from({ length: 9000 }, (): LogEvent | undefined => undefined)
  events[100] = block(9)
  events[200] = block(5)
  events[8000] = block(99, { origin: 'network' })
  const { reader, decode, decoded } = eventLogOf(events)
  const { tip } = follow()
  await tip.restore({ reader, decode, signal: running })
  expect(tip.current()?.height).toBe(5)
  expect(decoded()).toBe(2)
})

test('a restore never replaces a tip that came by meanwhile', async () => {
  const { reader, decode } = eventLogOf([block(9)])
  const { tip, see } = follow()
  const restoring = tip.restore({ reader, decode, signal: running })
  see(block(10))
  await restoring
  expect(tip.current()?.height).toBe(10)
})
