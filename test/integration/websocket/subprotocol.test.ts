import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { blockEvent, FakeLog, rejectedTxEvent } from './fake-log.ts'
import { FeedClient, type Frame } from './feed-client.ts'
import { startServer } from './start-server.ts'

test('greets with who it is and what it has', async () => {
  const log = new FakeLog()
  const items = log.addMany(3, () => blockEvent())
  const { ws, server } = await startServer({ log })
  await server.publish(items, 3n)
  const client = await FeedClient.open(`${ws}/ws`)
  const hello = await eventually(() => client.frames('hello')[0])
  expect(hello).toMatchObject({ server: 'gossip-bridge/0.1.0', bridgeId: 'node-a', network: 'regtest', peerId: '12D3KooWOwn' })
  expect(hello).toMatchObject({ oldest: items[0]?.cursor, newest: items[2]?.cursor, time: expect.any(Number) })
})

test('hello leaves out what is not known yet, and says null where there is no event', async () => {
  const { ws, server } = await startServer()
  const early = await FeedClient.open(`${ws}/ws`)
  await eventually(() => early.frames('hello').length === 1)
  expect(early.frames('hello')[0]).not.toHaveProperty('newest')
  await server.publish([], 0n)
  const client = await FeedClient.live(`${ws}/ws`)
  expect(client.frames('hello')[0]).toMatchObject({ newest: null })
})

test('brings events as they are published, with their cursor and all that is known of them', async () => {
  const { ws, server, log } = await startServer()
  await server.publish([], 0n)
  const client = await FeedClient.live(`${ws}/p2p-ws`)
  const item = log.add(blockEvent(7))
  await server.publish([item], 1n)
  const event = await eventually(() => client.frames('event')[0])
  expect(event).toEqual({
    type: 'event',
    id: item.id,
    cursor: item.cursor,
    data: {
      type: 'block',
      origin: 'network',
      peerId: '12D3KooWPeer',
      receivedAt: 1_751_879_600_000,
      loggedAt: 1_751_879_600_123,
      block: { hash: '7'.padStart(64, '0'), height: 7, dataHubUrl: 'http://node.example/api/v1' },
    },
  })
})

test('brings the last events first and then goes on, without a hole or a repeat, while events keep coming', async () => {
  const { ws, server, log } = await startServer()
  const publishOne = () => server.publish([log.add(blockEvent())], log.high)
  for (let count = 0; count < 300; count++) await publishOne()
  const pump = setInterval(() => void publishOne(), 1)
  const clients = await Promise.all(Array.from({ length: 20 }, () => FeedClient.live(`${ws}/ws`, { last: 100 })))
  clearInterval(pump)
  await publishOne()
  const last = log.toItem(log.entries[log.entries.length - 1] ?? expect.fail())
  for (const client of clients) {
    await eventually(() => client.ids().includes(last.id))
    const ids = client.ids()
    const begin = log.entries.findIndex(({ event }) => event.id === ids[0])
    expect(ids).toEqual(log.entries.slice(begin).map(({ event }) => event.id))
    expect(ids.length).toBeGreaterThan(100)
  }
})

test('sends only the kinds that were asked for', async () => {
  const { ws, server, log } = await startServer()
  await server.publish([log.add(blockEvent()), log.add(rejectedTxEvent())], log.high)
  const client = await FeedClient.live(`${ws}/ws`, { types: ['rejected-tx'], last: 10 })
  await server.publish([log.add(blockEvent()), log.add(rejectedTxEvent())], log.high)
  await eventually(() => client.frames('event').length === 2)
  expect(client.frames('event').map(({ data }) => data)).toMatchObject([{ type: 'rejected-tx' }, { type: 'rejected-tx' }])
})

test('a second subscription takes the place of the first', async () => {
  const { ws, server, log } = await startServer()
  await server.publish([], 0n)
  const client = await FeedClient.live(`${ws}/ws`, { types: ['rejected-tx'] })
  client.subscribe({ types: ['block'] })
  await eventually(() => client.frames('caught-up').length === 2)
  await server.publish([log.add(rejectedTxEvent()), log.add(blockEvent())], log.high)
  await eventually(() => client.frames('event').length > 0)
  expect(client.frames('event').map(({ data }) => data)).toMatchObject([{ type: 'block' }])
})

test('a filter is for the past and for the live stream, and is said back', async () => {
  const { ws, server, log } = await startServer()
  await server.publish(
    [1, 2, 3].map((height) => log.add(blockEvent(height))),
    log.high,
  )
  const client = await FeedClient.live(`${ws}/ws`, { types: ['block'], filter: { minHeight: 3, origin: 'network' }, last: 3 })
  await server.publish(
    [2, 4].map((height) => log.add(blockEvent(height))),
    log.high,
  )
  await eventually(() => client.frames('event').length === 2)
  expect(client.frames('event').map(({ data }) => data)).toMatchObject([{ block: { height: 3 } }, { block: { height: 4 } }])
  expect(client.frames('subscribed')).toEqual([
    {
      type: 'subscribed',
      types: ['block'],
      filter: { peer: null, minHeight: 3, hashPrefix: null, origin: 'network' },
      batch_ms: 0,
    },
  ])
})

test('with batch_ms events come as arrays, none twice and none after a cursor that counts them', async () => {
  const { ws, server, log } = await startServer({ limits: { pingEachMs: 300 } })
  const publish = (count: number) =>
    server.publish(
      log.addMany(count, () => blockEvent()),
      log.high,
    )
  await publish(3)
  const first = await FeedClient.live(`${ws}/ws`, { batch_ms: 5000, last: 3 })
  await publish(2)
  const second = await FeedClient.live(`${ws}/ws`, { batch_ms: 5000, last: 2 })
  await publish(2)
  const newest = log.toItem(log.entries[6] ?? expect.fail()).cursor
  const single = (client: FeedClient) => client.texts.filter((text) => !text.startsWith('[')).map((text): Frame => JSON.parse(text))
  const isTold = (client: FeedClient) => single(client).some(({ type, cursor }) => type === 'ping' && cursor === newest)
  await eventually(() => isTold(first) && isTold(second))
  const idsOf = (client: FeedClient) => client.texts.flatMap((text) => (text.startsWith('[') ? JSON.parse(text) : [])).map(({ id }) => id)
  const all = log.entries.map(({ event }) => event.id)
  expect([idsOf(first), idsOf(second)]).toEqual([all, all.slice(3)])
  expect(first.frames('event')).toEqual([])
})

test('after unsubscribe nothing comes, and the cursor of the answer goes on', async () => {
  const { ws, server, log } = await startServer()
  await server.publish([log.add(blockEvent())], 1n)
  const client = await FeedClient.live(`${ws}/ws`)
  client.socket.send('{"type":"pong"}')
  client.socket.send('{"type":"unsubscribe"}')
  const { cursor } = await eventually(() => client.frames('unsubscribed')[0])
  const missed = log.add(blockEvent())
  await server.publish([missed], 2n)
  client.subscribe({ cursor })
  await eventually(() => client.frames('caught-up').length === 2)
  expect(client.ids()).toEqual([missed.id])
})

test('a filter beyond the bound is refused with what to do', async () => {
  const { ws, server } = await startServer({ limits: { filterClasses: 1 } })
  await server.publish([], 0n)
  await FeedClient.live(`${ws}/ws`, { filter: { minHeight: 1 } })
  const late = await FeedClient.open(`${ws}/ws`)
  late.subscribe({ filter: { minHeight: 2 } })
  expect(await late.closing()).toMatchObject({ code: 1013 })
  expect(late.frames('error')).toMatchObject([{ code: 'too-many-filters' }])
})

test('carries the current cursor to clients whose kinds are rare', async () => {
  const { ws, server, log } = await startServer({ limits: { pingEachMs: 500 } })
  await server.publish([], 0n)
  const client = await FeedClient.live(`${ws}/ws`, { types: ['ban'] })
  const item = log.add(blockEvent())
  await server.publish([item], 1n)
  await eventually(() => expect(client.frames('ping').at(-1)).toMatchObject({ cursor: item.cursor }))
  expect(client.frames('ping').at(-1)).toEqual({ type: 'ping', cursor: item.cursor, time: expect.any(Number) })
  expect(client.frames('event')).toEqual([])
})

test('tells everybody of a hole in the live stream', async () => {
  const { ws, server, log } = await startServer()
  const item = log.add(blockEvent())
  await server.publish([item], 1n)
  const client = await FeedClient.live(`${ws}/ws`)
  await server.gap({ requested: 1n, next: 0n, reason: 'the topic was made anew' })
  await eventually(() => client.frames('gap').length > 0)
  expect(client.frames('gap')).toEqual([{ type: 'gap', requested: item.cursor, oldest: null, reason: 'the topic was made anew' }])
})

test.each([
  ['not JSON', 'the message is not JSON'],
  ['[1]', 'not a JSON object'],
  ['{"type":"publish"}', 'a client sends \\"subscribe\\"'],
  ['{"type":"subscribe","height":1}', 'unknown property \\"height\\"'],
  ['{"type":"subscribe","filter":{"height":1}}', 'unknown filter \\"height\\"'],
  [`{"type":"subscribe","types":${'['.repeat(1500)}${']'.repeat(1500)}}`, 'unknown type [[[['],
  ['{"type":"subscribe","types":["blocks"]}', 'unknown type \\"blocks\\"; there are block, subtree'],
  ['{"type":"subscribe","last":1e9}', 'last is 1000000000; it must be a whole number from 0 to 1000'],
  ['{"type":"subscribe","cursor":"v2.1.00"}', 'cursor is \\"v2.1.00\\"'],
])('answers %s with what is wrong, and closes', async (text, wrong) => {
  const { ws } = await startServer()
  const client = await FeedClient.open(`${ws}/ws`)
  client.socket.send(text)
  expect(await client.closing()).toEqual({ code: 4400, reason: 'bad message' })
  expect(client.texts.at(-1)).toContain(wrong)
})

test('closes a client that does not subscribe, one that talks too much, and one that talks too long', async () => {
  const { ws } = await startServer({ limits: { subscribeWithinMs: 2000 } })
  const chatty = await FeedClient.open(`${ws}/ws`)
  for (let count = 0; count < 50; count++) chatty.subscribe()
  const long = await FeedClient.open(`${ws}/ws`)
  long.socket.send('é'.repeat(2100)) // bytes count, not characters
  const silent = await FeedClient.open(`${ws}/ws`)
  expect(await chatty.closing()).toMatchObject({ code: 4429 })
  expect(await long.closing()).toMatchObject({ code: 1009 })
  expect(await silent.closing()).toMatchObject({ code: 4408 })
})

test('cuts off a client that sends a huge message, and nobody else', async () => {
  const { ws, server, log } = await startServer()
  await server.publish([], 0n)
  const good = await FeedClient.live(`${ws}/ws`)
  const huge = await FeedClient.open(`${ws}/ws`)
  huge.socket.send('x'.repeat(1 << 20))
  expect(await huge.closing()).toMatchObject({ code: 1006 })
  await server.publish([log.add(blockEvent())], 1n)
  await eventually(() => good.frames('event').length === 1)
})
