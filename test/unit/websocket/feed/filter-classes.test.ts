import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EventFilter } from '../../../../src/websocket/feed/filter.ts'
import { FilterClasses } from '../../../../src/websocket/feed/filter-classes.ts'
import { item } from '../item.ts'

const none: EventFilter = { peer: null, minHeight: null, hashPrefix: null, origin: null }
const facts = { peerId: 'p1', origin: 'network', height: 10, hash: '00ab' } as const
const BLOCKS = new Set(['block'])

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function makeClasses(maxClasses = 10) {
  const published: [string, string][] = []
  const classes = new FilterClasses({ maxClasses }, { publish: (topic, text) => published.push([topic, text]) })
  const join = (filter: Partial<EventFilter> | null, batchMs = 0) =>
    classes.join({ types: BLOCKS, filter: filter && { ...none, ...filter }, batchMs }) ?? expect.fail()
  return { classes, join, published }
}

test.each<[Partial<EventFilter>, boolean]>([
  [{ peer: ['p0', 'p1'] }, true],
  [{ peer: ['p2'] }, false],
  [{ minHeight: 10 }, true],
  [{ minHeight: 11 }, false],
  [{ hashPrefix: '00a' }, true],
  [{ hashPrefix: 'ab' }, false],
  [{ origin: 'network', minHeight: 1 }, true],
  [{ origin: 'own', minHeight: 1 }, false],
])('the filter %j lets the event through: %s', (filter, expected) => {
  const { classes, join, published } = makeClasses()
  join(filter)
  classes.publish(item(1n, { facts }))
  expect(published.length > 0).toBe(expected)
})

test('an event without what a filter asks for does not pass, and no event of another type', () => {
  const { classes, join, published } = makeClasses()
  for (const filter of [{ peer: ['p1'] }, { minHeight: 0 }, { hashPrefix: '0' }]) join(filter)
  classes.publish(item(1n))
  classes.publish(item(2n, { facts, type: 'ban' }))
  expect(published).toEqual([])
})

test('clients with the same filter share one publish, and the last one to leave ends it', () => {
  const { classes, join, published } = makeClasses()
  const [one, other] = [join({ minHeight: 1 }), join({ minHeight: 1 })]
  expect(other.topic).toBe(one.topic)
  classes.publish(item(1n, { facts }))
  expect(published).toHaveLength(1)
  one.leave()
  classes.publish(item(2n, { facts }))
  other.leave()
  classes.publish(item(3n, { facts }))
  expect(published).toHaveLength(2)
})

test('the number of different filters is bounded, and a place is free when its clients have left', () => {
  const { classes, join } = makeClasses(1)
  const place = join({ minHeight: 1 })
  expect(classes.join({ types: BLOCKS, filter: { ...none, minHeight: 2 }, batchMs: 0 })).toBeNull()
  place.leave()
  join({ minHeight: 2 })
})

test('a batch is sent after its time, before a newcomer, before a cursor, and when it is large', () => {
  const { classes, join, published } = makeClasses()
  const { topic, leave } = join(null, 100)
  const publish = (offset: bigint) => classes.publish(item(offset, { frame: `${offset}` }))
  publish(1n)
  publish(2n)
  expect(published).toEqual([])
  vi.advanceTimersByTime(100)
  publish(3n)
  join(null, 100)
  publish(4n)
  classes.flush()
  classes.publish(item(5n, { frame: 'x'.repeat(64 * 1024) }))
  publish(6n)
  leave()
  const texts = published.map(([, text]) => text)
  expect(texts).toEqual(['[1,2]', '[3]', '[4]', `[${'x'.repeat(64 * 1024)}]`, '[6]'])
  expect(new Set(published.map(([to]) => to))).toEqual(new Set([topic]))
  expect(vi.getTimerCount()).toBe(0)
})
