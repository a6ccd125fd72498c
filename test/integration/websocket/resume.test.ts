import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { banEvent, blockEvent, FakeLog, rejectedTxEvent } from './fake-log.ts'
import { FeedClient } from './feed-client.ts'
import { startServer } from './start-server.ts'
import { StreamClient } from './stream-client.ts'

test('resumes from memory after a short absence, without asking the log', async () => {
  const { ws, server, log } = await startServer()
  const items = log.addMany(50, () => blockEvent())
  await server.publish(items, log.high)
  const readsBefore = log.reads
  const client = await FeedClient.live(`${ws}/ws`, { cursor: items[39]?.cursor })
  expect(client.ids()).toEqual(items.slice(40).map(({ id }) => id))
  expect(log.reads).toBe(readsBefore)
})

test('resumes from the log after a long absence, across its border with memory, while events keep coming', async () => {
  const log = new FakeLog()
  const old = log.addMany(700, () => blockEvent())
  const { ws, server } = await startServer({ log, limits: { recentItems: 20 } })
  await server.publish(old.slice(600), log.high)
  const publishOne = () => server.publish([log.add(blockEvent())], log.high)
  log.beforeRead = publishOne
  const client = await FeedClient.live(`${ws}/ws`, { cursor: old[3]?.cursor })
  await publishOne()
  await eventually(() => client.ids().length === log.entries.length - 4)
  expect(client.ids()).toEqual(log.entries.slice(4).map(({ event }) => event.id))
  expect(client.frames('gap')).toEqual([])
})

test('a long search that finds nothing is not silent: its pings say how far it has looked', async () => {
  const log = new FakeLog()
  const items = log.addMany(400, () => blockEvent())
  const { ws, server } = await startServer({ log, limits: { recentItems: 10, pingEachMs: 50 } })
  await server.publish(items.slice(390), log.high)
  const client = await FeedClient.open(`${ws}/ws`)
  let goOn = () => {}
  const held = new Promise<void>((resolve) => {
    goOn = resolve
  })
  log.beforeRead = async () => {
    if (log.reads > 3) await held
  }
  client.subscribe({ cursor: items[5]?.cursor, types: ['block'], filter: { hashPrefix: 'ffff' } })
  const cursors = () => client.frames('ping').map(({ cursor }) => items.findIndex((item) => item.cursor === cursor))
  await eventually(() => cursors().some((index) => index > 5))
  expect(Math.max(...cursors())).toBeLessThan(390)
  expect(client.frames('caught-up')).toEqual([])
  goOn()
  await client.caughtUp()
  await eventually(() => cursors().includes(399))
})

test('works on an instance that was started later, or is a moment behind', async () => {
  const log = new FakeLog()
  const items = log.addMany(30, () => blockEvent())
  const { ws, server } = await startServer({ log })
  const client = await FeedClient.open(`${ws}/ws`)
  client.subscribe({ cursor: items[19]?.cursor })
  await server.publish(items.slice(0, 10), 10n)
  await server.publish(items.slice(10, 25), 25n)
  await client.caughtUp()
  await server.publish(items.slice(25), 30n)
  await eventually(() => client.ids().length === 10)
  expect(client.ids()).toEqual(items.slice(20).map(({ id }) => id))
})

test('says so when the cursor has left the log, and goes on from the oldest event', async () => {
  const log = new FakeLog()
  const items = log.addMany(300, () => blockEvent())
  const { ws, server } = await startServer({ log, limits: { recentItems: 10 } })
  await server.publish(items.slice(250), log.high)
  log.low = 100n
  const client = await FeedClient.live(`${ws}/ws`, { cursor: items[50]?.cursor })
  expect(client.frames()[2]).toEqual({
    type: 'gap',
    requested: items[50]?.cursor,
    oldest: items[100]?.cursor,
    reason: 'expired',
    missed: 49,
  })
  expect(client.ids()).toEqual(items.slice(100).map(({ id }) => id))
})

test.each([
  ['in memory', 290],
  ['in the log', 120],
])('says so when the cursor is of another log, %s', async (_where, offset) => {
  const log = new FakeLog()
  const items = log.addMany(300, () => blockEvent())
  const { ws, server } = await startServer({ log, limits: { recentItems: 20 } })
  await server.publish(items.slice(250), log.high)
  const requested = `v1.${offset}.00000000`
  const client = await FeedClient.live(`${ws}/ws`, { cursor: requested })
  expect(client.frames('gap')).toEqual([{ type: 'gap', requested, oldest: items[0]?.cursor, reason: 'unknown-cursor' }])
  expect(client.ids()).toEqual(items.map(({ id }) => id))
})

test('with last beside the cursor, a long absence is cut to the last events and said', async () => {
  const { ws, server, log } = await startServer()
  const items = log.addMany(300, () => blockEvent())
  await server.publish(items, log.high)
  const client = await FeedClient.live(`${ws}/ws`, { cursor: items[10]?.cursor, last: 20 })
  expect(client.frames('gap')).toMatchObject([{ requested: items[10]?.cursor, oldest: items[280]?.cursor, reason: 'skipped' }])
  expect(client.ids()).toEqual(items.slice(280).map(({ id }) => id))
})

test.each([
  ['in memory', 290],
  ['in the log', 120],
])('a cursor of another log is told beside last too, also when fewer events than that follow it, %s', async (_where, offset) => {
  const log = new FakeLog()
  const [rare] = log.addMany(1, () => rejectedTxEvent())
  const others = log.addMany(300, () => blockEvent())
  const { ws, server } = await startServer({ log, limits: { recentItems: 20 } })
  await server.publish(others.slice(250), log.high)
  const requested = `v1.${offset}.00000000`
  const client = await FeedClient.live(`${ws}/ws`, { cursor: requested, types: ['rejected-tx'], last: 5 })
  expect(client.frames('gap')).toEqual([{ type: 'gap', requested, oldest: rare?.cursor, reason: 'unknown-cursor' }])
  expect(client.ids()).toEqual([rare?.id])
})

test('a rare kind is found further back than memory reaches', async () => {
  const log = new FakeLog()
  const rare = log.addMany(2, () => rejectedTxEvent())
  const others = log.addMany(400, () => blockEvent())
  const { ws, server } = await startServer({ log, limits: { recentItems: 10 } })
  await server.publish(others, log.high)
  const client = await FeedClient.live(`${ws}/ws`, { types: ['rejected-tx'], last: 5 })
  expect(client.ids()).toEqual(rare.map(({ id }) => id))
})

test('the last event of a rare kind, asked for again and again, is looked for once, and nothing goes on when the client has left', async () => {
  const log = new FakeLog()
  const ban = log.add(banEvent())
  const others = log.addMany(30_000, () => blockEvent())
  const { ws, server } = await startServer({ log, limits: { recentItems: 10 } })
  await server.publish(others.slice(-20), log.high)
  const client = await FeedClient.open(`${ws}/ws`)
  for (let count = 0; count < 19; count++) client.subscribe({ types: ['ban'], last: 1 })
  await client.caughtUp()
  expect(client.ids().at(-1)).toBe(ban.id)
  const readsOnce = log.reads
  expect(readsOnce).toBeLessThan(40) // 30 pages of heads, and the event itself
  const later = await FeedClient.live(`${ws}/ws`, { types: ['ban'], last: 1 })
  expect(later.ids()).toEqual([ban.id])
  client.subscribe({ cursor: ban.cursor })
  client.socket.terminate()
  await eventually(() => server.clientCount() === 1)
  expect(log.reads).toBeLessThanOrEqual(readsOnce + 2)
})

test('clients that return at the same time with cursors of the same minute share their reads', async () => {
  const log = new FakeLog()
  const items = log.addMany(400, () => blockEvent())
  const { ws, server } = await startServer({ log, limits: { recentItems: 10 } })
  await server.publish(items.slice(-20), log.high)
  const readsBefore = log.reads
  const clients = await Promise.all(Array.from({ length: 10 }, (_, index) => FeedClient.live(`${ws}/ws`, { cursor: items[index]?.cursor })))
  for (const [index, client] of clients.entries()) expect(client.ids()).toEqual(items.slice(index + 1).map(({ id }) => id))
  expect(log.reads - readsBefore).toBeLessThan(25) // 8 pages of 50 events; 80 if nothing were shared
})

test('a time is a place to start from', async () => {
  const log = new FakeLog()
  const items = log.addMany(300, () => blockEvent())
  for (const [index, entry] of log.entries.entries()) log.entries[index] = { ...entry, timestamp: 1_000_000 + index }
  const { ws, server } = await startServer({ log, limits: { recentItems: 10 } })
  await server.publish(items.slice(-20), log.high)
  const client = await FeedClient.live(`${ws}/ws`, { since: 1_000_200 })
  expect(client.ids()).toEqual(items.slice(200).map(({ id }) => id))
  const fromFuture = await FeedClient.live(`${ws}/ws`, { since: '2999-01-01T00:00:00Z' })
  expect(fromFuture.ids()).toEqual([])
})

test('a client that waits too long for its turn to read history is told so', async () => {
  const log = new FakeLog()
  const items = log.addMany(100, () => blockEvent())
  const { ws, server } = await startServer({ log, limits: { recentItems: 10, replaysPerAddress: 1, replayWaitMs: 200 } })
  await server.publish(items, log.high)
  log.beforeRead = () => new Promise(() => {})
  const first = await FeedClient.open(`${ws}/ws`)
  first.subscribe({ cursor: items[0]?.cursor })
  const second = await FeedClient.open(`${ws}/ws`)
  second.subscribe({ cursor: items[0]?.cursor })
  const { code, reason } = await second.closing()
  expect(code).toBe(1013)
  expect(reason).toMatch(/^too many clients read history/)
  expect(first.closed).toBeNull()
})

test('a copy in the log is not sent twice by one replay', async () => {
  const log = new FakeLog()
  const event = blockEvent()
  const first = log.add(event)
  log.add(event)
  const others = log.addMany(100, () => blockEvent())
  const { ws, server } = await startServer({ log, limits: { recentItems: 10 } })
  await server.publish(others, log.high)
  const client = await FeedClient.live(`${ws}/ws`, { last: 1000 })
  expect(client.ids()).toEqual([first, ...others].map(({ id }) => id))
})

test('sends a client away for later when the past cannot be read, and serves the others', async () => {
  const log = new FakeLog()
  const items = log.addMany(100, () => blockEvent())
  const { ws, server } = await startServer({ log, limits: { recentItems: 10, readTimeoutMs: 100 } })
  await server.publish(items, log.high)
  log.beforeRead = () => new Promise(() => {})
  const late = await FeedClient.open(`${ws}/ws`)
  late.subscribe({ cursor: items[0]?.cursor })
  expect(await late.closing()).toMatchObject({ code: 1013 })
  const fresh = await FeedClient.live(`${ws}/ws`, { last: 5 })
  expect(fresh.ids()).toHaveLength(5)
})

test('a client that leaves during its replay ends it', async () => {
  const log = new FakeLog()
  const items = log.addMany(500, () => blockEvent())
  const { ws, server, registry } = await startServer({ log, limits: { recentItems: 10 } })
  await server.publish(items, log.high)
  let release = () => {}
  log.beforeRead = () => new Promise((resolve) => (release = resolve))
  const client = await FeedClient.open(`${ws}/ws`)
  const readsBefore = log.reads
  client.subscribe({ cursor: items[0]?.cursor })
  await eventually(() => log.reads > readsBefore)
  client.socket.terminate()
  await eventually(() => server.clientCount() === 0)
  release()
  await eventually(async () => (await registry.metrics()).includes('bridge_browser_replays_total{outcome="left"} 1'))
})

test('text beyond ASCII arrives whole: live, replayed, and as server-sent events', async () => {
  const { ws, http, server, log } = await startServer()
  const reason = 'trop cher: déjà dépensé'
  await server.publish([log.add(rejectedTxEvent(reason))], log.high)
  const reasons = (client: FeedClient) =>
    client.frames('event').map(({ data }) => (data as { rejectedTx: { reason: string } }).rejectedTx.reason)
  const client = await FeedClient.live(`${ws}/ws`, { types: ['rejected-tx'], last: 1 })
  await server.publish([log.add(rejectedTxEvent(reason))], log.high)
  await eventually(() => reasons(client).length === 2)
  expect(reasons(client)).toEqual([reason, reason])
  const stream = await StreamClient.live(`${http}/events?types=rejected-tx&last=2`)
  expect(stream.text.split(reason)).toHaveLength(3)
  expect(await (await fetch(`${http}/v1/events?types=rejected-tx&limit=10`)).text()).toContain(reason)
})
