import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createWebSocketMetrics } from '../../../../src/telemetry/websocket-metrics.ts'
import { Feed } from '../../../../src/websocket/feed/feed.ts'
import { RecentItems } from '../../../../src/websocket/feed/recent-items.ts'
import { item } from '../item.ts'

function makeFeed({ isFollowed = (_topic: string): boolean => true } = {}) {
  const published: [string, string][] = []
  const turns: number[] = []
  const recent = new RecentItems({ maxItems: 1000, maxBytes: 1 << 20 })
  const feed = new Feed({
    recent,
    metrics: createWebSocketMetrics(new Registry()),
    publish: (topic, text) => published.push([topic, text]),
    isFollowed,
    classes: { publish: () => {}, flush: () => {} },
    onTurn: (bytes) => turns.push(bytes),
  })
  return { feed, recent, published, turns }
}

test('an event is published once per protocol that has it', async () => {
  const { feed, published } = makeFeed()
  await feed.publish([item(0n, { teranode: 'T0' }), item(1n, { type: 'ban' })], 2n)
  expect(published).toEqual([
    ['v1/block', 'frame-0'],
    ['teranode', 'T0'],
    ['v1/ban', 'frame-1'],
  ])
})

test('what nobody follows is not serialised, and is kept for those who come back', async () => {
  const { feed, recent, published } = makeFeed({ isFollowed: (topic) => topic === 'v1/ban' })
  let serialised = 0
  const unread = {
    ...item(0n),
    get frame() {
      serialised += 1
      return 'frame-0'
    },
    get teranode() {
      serialised += 1
      return 'T0'
    },
  }
  await feed.publish([unread, item(1n, { type: 'ban' })], 2n)
  expect(published).toEqual([['v1/ban', 'frame-1']])
  expect(serialised).toBe(0)
  expect(recent.slice(0n, 1 << 20).items.map(({ frame }) => frame)).toEqual(['frame-0', 'frame-1'])
})

test('an item that was already published is not published again', async () => {
  const { feed, published } = makeFeed()
  await feed.publish([item(0n), item(1n)], 2n)
  await feed.publish([item(1n), item(2n)], 3n)
  expect(published.map(([, text]) => text)).toEqual(['frame-0', 'frame-1', 'frame-2'])
})

test('a large batch is spread over turns of the event loop, in order', async () => {
  const { feed, published, turns } = makeFeed()
  const items = Array.from({ length: 300 }, (_, index) => item(BigInt(index), { frame: `${index}`.padEnd(1024) }))
  const first = feed.publish(items, 300n)
  const second = feed.publish([item(300n)], 301n)
  await Promise.all([first, second])
  expect(published).toHaveLength(301)
  expect(published.at(-1)?.[1]).toBe('frame-300')
  expect(turns.length).toBeGreaterThan(4)
  expect(Math.max(...turns)).toBeLessThanOrEqual(65 * 1024)
})

test('a gap message has the last cursor, and the stream continues after the gap', async () => {
  const { feed, published, recent } = makeFeed()
  await feed.publish([item(500n)], 501n)
  await feed.gap({ requested: 501n, next: 0n, reason: 'made anew' })
  expect(published.at(-1)).toEqual(['v1', JSON.stringify({ type: 'gap', requested: 'v1.500.00000000', oldest: null, reason: 'made anew' })])
  await feed.publish([item(0n)], 1n)
  expect(recent.position).toBe(1n)
  expect(published.at(-1)?.[1]).toBe('frame-0')
})

test('waiting for the stream ends when it moves, when it stops, and after the time limit', async () => {
  const { feed } = makeFeed()
  const moved = feed.advanced(60_000)
  await feed.publish([], 1n)
  await moved
  await feed.advanced(1)
  const stopped = feed.advanced(60_000)
  feed.stop()
  await stopped
  await feed.publish([item(5n)], 6n)
  expect(feed.cursor).toBeNull()
})
