import { describe, expect, it } from 'vitest'
import { announcementId } from '../../../../src/events/entries/event-id.ts'
import { stateOrderOf } from '../../../../src/events/entries/occurrence.ts'
import type { LogEvent } from '../../../../src/events/event.ts'
import type { EventEntry } from '../../../../src/events/reading/read-events.ts'
import type { EventLogSubscriber } from '../../../../src/events/reading/subscribers.ts'
import { appendOwnAnnouncements } from '../../../../src/events/writing/own-announcements.ts'
import { StateFilter } from '../../../../src/events/writing/state-filter.ts'
import type { OutgoingRecord } from '../../../../src/kafka/record.ts'
import type { Announcement } from '../../../../src/messages/announcement.ts'
import { SAMPLES } from '../../../fixtures/announcements.ts'

const NOW = Date.parse('2026-11-29T12:00:00Z')

/** An event log in memory, with one writer of own announcements; `tail` lets what was written come by. */
function setup() {
  const written: LogEvent[] = []
  const seen = new Set<string>()
  const listeners: { ids: ((id: string) => void)[]; subscribers: EventLogSubscriber[] } = { ids: [], subscribers: [] }
  const view = {
    isSeen: (id: string) => seen.has(id),
    now: () => NOW,
    onId: (listener: (id: string) => void) => {
      listeners.ids.push(listener)
      return () => {}
    },
    subscribe: (subscriber: EventLogSubscriber) => {
      listeners.subscribers.push(subscriber)
      return () => {}
    },
  }
  const states = new StateFilter({ windowMs: 600_000 }, { view, clock: { wall: () => NOW } })
  const away = { isAway: false }
  const orders: (bigint | undefined)[] = []
  const toRecord = (event: LogEvent): OutgoingRecord => {
    if (away.isAway) throw new Error('Kafka is away')
    written.push(event)
    return { key: event.id, value: null, headers: {} }
  }
  const append = appendOwnAnnouncements({ view, states, toRecord, append: async ({ headers }) => orders.push(stateOrderOf(headers)) })
  states.onRevived(({ event, order }) => {
    written.push(event)
    orders.push(order)
  })
  let tailed = 0
  return {
    written,
    orders,
    away,
    tail() {
      const entries: EventEntry[] = []
      for (; tailed < written.length; tailed++) {
        const event = written[tailed] as LogEvent
        for (const listener of listeners.ids) listener(event.id)
        if (seen.has(event.id)) continue
        seen.add(event.id)
        const order = orders[tailed]
        entries.push({ event, offset: BigInt(tailed), timestamp: NOW, ...(order === undefined ? {} : { order }) })
      }
      for (const subscriber of listeners.subscribers) void subscriber.onEntries?.({ entries, next: BigInt(tailed), isReadBack: false })
    },
    produce(announcement: Announcement, offset: bigint, { partition = 0, timestamp = NOW + Number(offset) } = {}) {
      const record = { topic: 'in', partition, offset, timestamp }
      const id = announcementId('regtest', announcement, 'node-a', record)
      const base = { network: 'regtest', bridgeId: 'node-a', origin: 'own', peerId: null, receivedAt: 0 } as const
      return append({ id, ...base, ...announcement }, record)
    },
  }
}

function miningOn(letter: string): Announcement {
  return { type: 'mining-on', miningOn: { ...SAMPLES['mining-on'].miningOn, hash: letter.repeat(64) } }
}
const [A, B] = [miningOn('a'), miningOn('b')]

describe('announcements of the own node', () => {
  it('are three events for a state that goes away and returns, at once or later', async () => {
    for (const isTailed of [true, false]) {
      const { produce, tail, written } = setup()
      for (const [offset, state] of [A, B, A].entries()) {
        expect(await produce(state, BigInt(offset))).toBe('sent')
        if (isTailed) tail()
      }
      expect(new Set(written.map(({ id }) => id)).size).toBe(3)
    }
  })

  it('that are delivered again are not new events', async () => {
    const { produce, tail, written } = setup()
    const batch = async () => [await produce(A, 0n), await produce(B, 1n), await produce(A, 2n), await produce(SAMPLES.block, 3n)]
    expect(await batch()).toEqual(['sent', 'sent', 'sent', 'sent'])
    tail()
    expect(await batch()).toEqual(['repeated', 'repeated', 'repeated', 'repeated'])
    expect(written).toHaveLength(4)
  })

  it('that are delivered again before the tail reads their first copy keep their ids', async () => {
    const { produce, written } = setup()
    await produce(A, 0n)
    await produce(A, 0n)
    expect(new Set(written.map(({ id }) => id)).size).toBe(1)
  })

  it('are repeated when readers would drop them or when they give the same state again', async () => {
    const { produce, tail } = setup()
    expect(await produce(A, 0n)).toBe('sent')
    expect(await produce(A, 1n)).toBe('repeated')
    expect(await produce(SAMPLES.subtree, 2n)).toBe('sent')
    tail()
    expect(await produce(A, 3n)).toBe('repeated')
    expect(await produce(SAMPLES.subtree, 4n)).toBe('repeated')
  })

  it('end on the latest state when partitions are read one after the other', async () => {
    const { produce, tail, written } = setup()
    await produce(A, 0n, { partition: 0, timestamp: NOW + 1 })
    await produce(A, 1n, { partition: 0, timestamp: NOW + 3 })
    tail()
    expect(await produce(B, 0n, { partition: 1, timestamp: NOW + 2 })).toBe('sent')
    tail()
    expect(written.at(-1)).toMatchObject(A)
    expect(await produce(B, 1n, { partition: 1, timestamp: NOW + 2 })).toBe('outdated')
    expect(written.at(-1)).toMatchObject(A)
  })

  it('are all sent, even if a later state was sent before them, as after a rebalance', async () => {
    const { produce, tail, written } = setup()
    await produce(B, 0n, { partition: 0, timestamp: NOW + 2 })
    tail()
    expect(await produce(A, 0n, { partition: 1, timestamp: NOW + 1 })).toBe('sent')
    expect(written).toMatchObject([B, A])
  })

  it('of a block carry their time, by which readers know the own tip', async () => {
    const { produce, orders } = setup()
    await produce(SAMPLES.block, 0n)
    await produce(SAMPLES.subtree, 1n)
    expect(orders).toEqual([BigInt(NOW), undefined])
  })

  it('count by arrival when their times give no order', async () => {
    const { produce, orders } = setup()
    for (const timestamp of [-9e15, 0, NOW + 86_400_000]) {
      expect(await produce(A, 0n, { timestamp })).toBe('sent')
      expect(await produce(B, 1n, { timestamp })).toBe('sent')
    }
    expect(orders.every((order) => order === undefined)).toBe(true)
  })

  it('that could not be written are new again', async () => {
    const { produce, away, written } = setup()
    away.isAway = true
    await expect(produce(A, 0n)).rejects.toThrow('Kafka is away')
    away.isAway = false
    expect(await produce(A, 0n)).toBe('sent')
    expect(written).toHaveLength(1)
  })
})
