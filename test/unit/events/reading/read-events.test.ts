import { expect, test } from 'vitest'
import type { LogEvent } from '../../../../src/events/event.ts'
import { readEvents } from '../../../../src/events/reading/read-events.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'

function event(id: string): LogEvent {
  const base = { id, network: 'regtest', bridgeId: 'node-a', origin: 'own', peerId: null, receivedAt: 0 } as const
  return { ...base, type: 'subtree', subtree: { hash: 'ab'.repeat(32), dataHubUrl: '' } }
}

function read(events: (LogEvent | Error | undefined)[]) {
  const heard = { observed: [] as string[], unreadable: [] as bigint[], unknown: [] as bigint[] }
  const known = new Set<string>()
  const flow = readEvents({
    decode: ({ offset }) => {
      const found = events[Number(offset)]
      if (found instanceof Error) throw found
      return found
    },
    observe: ({ id }) => {
      heard.observed.push(id)
      return !known.has(id) && Boolean(known.add(id))
    },
    onUnreadable: ({ offset }) => heard.unreadable.push(offset),
    onUnknownType: ({ offset }) => heard.unknown.push(offset),
  })
  const place = { topic: 'events', partition: 0, key: null, value: null, headers: {}, timestamp: 0 }
  const entries = flow(events.map((_, index): KafkaRecord => ({ ...place, offset: BigInt(index) })))
  return { ...heard, offsets: entries.map(({ offset }) => offset) }
}

test('copies are observed, but are not entries', () => {
  const { observed, offsets } = read([event('a'), event('b'), event('a')])
  expect(offsets).toEqual([0n, 1n])
  expect(observed).toEqual(['a', 'b', 'a'])
})

test('a record that is not an event is reported and skipped', () => {
  const { unreadable, offsets } = read([event('a'), new Error('not Avro'), event('b')])
  expect(unreadable).toEqual([1n])
  expect(offsets).toEqual([0n, 2n])
})

test('an event of a type that this version does not know is skipped silently', () => {
  const { unreadable, offsets } = read([event('a'), undefined, event('b')])
  expect(unreadable).toEqual([])
  expect(offsets).toEqual([0n, 2n])
})

test('an event of a type that this version does not know is reported and skipped', () => {
  const { unknown, offsets } = read([event('a'), undefined, event('b')])
  expect(unknown).toEqual([1n])
  expect(offsets).toEqual([0n, 2n])
})
