import { expect, test } from 'vitest'
import { parseCidr } from '../../../src/addresses/cidr.ts'
import { eventually } from '../../support/eventually.ts'
import { blockEvent, FakeLog, rejectedTxEvent } from './fake-log.ts'
import { startServer } from './start-server.ts'
import { StreamClient } from './stream-client.ts'

test('a stream brings the past, says where it ends, and goes on live; each event has its cursor as id', async () => {
  const { http, server, log } = await startServer()
  const items = log.addMany(5, () => blockEvent())
  await server.publish(items, log.high)
  const client = await StreamClient.live(`${http}/events?last=2`)
  expect(client.headers['content-type']).toBe('text/event-stream; charset=utf-8')
  const live = log.add(blockEvent(9))
  await server.publish([live], log.high)
  await eventually(() => client.events('message').length === 3)
  expect(client.events().map(({ name }) => name)).toEqual(['hello', 'subscribed', 'message', 'message', 'caught-up', 'message'])
  expect(client.events('message').map(({ id }) => id)).toEqual([...items.slice(3), live].map(({ cursor }) => cursor))
  expect(client.events('message').at(-1)?.data).toEqual(JSON.parse(live.frame))
  expect(client.text).toMatch(/^retry: \d+\n\n/)
})

test('a stream that is opened again goes on after its last event, whatever its address says', async () => {
  const log = new FakeLog()
  const items = log.addMany(300, () => blockEvent())
  const { http, server } = await startServer({ log, limits: { recentItems: 10 } })
  await server.publish(items.slice(250), log.high)
  const client = await StreamClient.live(`${http}/events?last=1`, { 'Last-Event-ID': items[99]?.cursor ?? '' })
  expect(client.ids()).toEqual(items.slice(100).map(({ id }) => id))
  expect(client.events('gap')).toEqual([])
})

test('a gap is an event of its own', async () => {
  const log = new FakeLog()
  const items = log.addMany(100, () => blockEvent())
  log.low = 50n
  const { http, server } = await startServer({ log, limits: { recentItems: 10 } })
  await server.publish(items.slice(80), log.high)
  const client = await StreamClient.live(`${http}/events`, { 'Last-Event-ID': items[9]?.cursor ?? '' })
  expect(client.events('gap').map(({ data }) => data)).toMatchObject([{ requested: items[9]?.cursor, reason: 'expired', missed: 40 }])
  await server.gap({ requested: 100n, next: 0n, reason: 'topic-made-anew' })
  await eventually(() => client.events('gap').length === 2)
})

test('types and filters stand in the query', async () => {
  const { http, server, log } = await startServer()
  const publish = (height: number) => server.publish([log.add(blockEvent(height)), log.add(rejectedTxEvent())], log.high)
  for (const height of [1, 2, 3]) await publish(height)
  const client = await StreamClient.live(`${http}/events?types=block,subtree&minHeight=3&origin=network&last=10`)
  for (const height of [2, 4]) await publish(height)
  await eventually(() => client.events('message').length === 2)
  expect(client.events('message').map(({ data }) => data)).toMatchObject([
    { data: { block: { height: 3 } } },
    { data: { block: { height: 4 } } },
  ])
})

test('pings carry the cursor, so that the place of a client with rare types does not expire', async () => {
  const { http, server, log } = await startServer({ limits: { pingEachMs: 300 } })
  await server.publish([], 0n)
  const client = await StreamClient.live(`${http}/events?types=ban`)
  const item = log.add(blockEvent())
  await server.publish([item], 1n)
  await eventually(() => expect(client.events('ping').at(-1)?.id).toBe(item.cursor))
})

const shared = await startServer({ allowedOrigins: ['https://explorer.example'] })

test.each([
  ['types=blocks', 'unknown type \\"blocks\\"'],
  ['height=1', 'unknown parameter \\"height\\"; there are types, peer'],
  ['types=block&types=subtree', 'types is given twice'],
  ['last=-1', 'last is \\"-1\\"'],
  ['cursor=v2.1', 'cursor is \\"v2.1\\"'],
  ['cursor=v1.1.00000000&since=0', 'a cursor or since, not both'],
])('a stream with %s is refused with what is wrong', async (query, wrong) => {
  const answer = await fetch(`${shared.http}/events?${query}`)
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(wrong)])
})

test('a foreign page gets 403; a listed one may read the stream', async () => {
  const { http, server } = shared
  await server.publish([], 0n)
  expect((await fetch(`${http}/events`, { headers: { Origin: 'https://evil.example' } })).status).toBe(403)
  const client = await StreamClient.live(`${http}/events`, { Origin: 'https://explorer.example' })
  expect(client.headers['access-control-allow-origin']).toBe('https://explorer.example')
  const head = await fetch(`${http}/events`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
})

test('streams count as clients: per address, in metrics, and their places are given back', async () => {
  const trustedProxies = [parseCidr('127.0.0.0/8') ?? expect.fail()]
  const { http, server, registry } = await startServer({ limits: { maxClientsPerAddress: 1 }, trustedProxies })
  await server.publish([], 0n)
  const from = (address: string) => ({ 'X-Forwarded-For': address })
  const first = await StreamClient.live(`${http}/events`, from('198.51.100.1'))
  await StreamClient.live(`${http}/events`, from('198.51.100.2'))
  const refused = await StreamClient.open(`${http}/events`, from('198.51.100.1'))
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, expect.stringMatching(/^[1-5]$/)])
  expect(server.clientCount()).toBe(2)
  expect(await registry.metrics()).toContain('bridge_browser_clients{protocol="sse"} 2')
  first.response.destroy()
  await eventually(() => server.clientCount() === 1)
  await StreamClient.live(`${http}/events`, from('198.51.100.1'))
})

test('a stream that is not read is closed and told where to go on, after all that is before it; the others miss nothing', async () => {
  const { http, server, log, registry } = await startServer({ limits: { slowClientBytes: 256 * 1024 } })
  await server.publish([], 0n)
  const good = await StreamClient.live(`${http}/events`)
  const slow = await StreamClient.live(`${http}/events`)
  slow.response.pause()
  const filler = 'x'.repeat(2000)
  const unsent = async () => Number(/bridge_browser_unsent_bytes (\d+)/.exec(await registry.metrics())?.[1])
  while ((await unsent()) <= 256 * 1024) {
    await server.publish(
      log.addMany(100, () => rejectedTxEvent(filler)),
      log.high,
    )
    await eventually(() => good.text.length > 2000 * log.entries.length)
  }
  slow.response.resume()
  await eventually(() => slow.isClosed)
  const closing = slow.events('closing')[0]?.data
  expect(closing).toEqual({ type: 'closing', code: 4008, reason: slow.events('message').at(-1)?.id })
  expect(slow.ids()).toEqual(log.entries.slice(0, slow.ids().length).map(({ event }) => event.id))
  await eventually(() => expect(good.ids()).toHaveLength(log.entries.length))
})

test('a long replay goes no faster than its client reads', async () => {
  const { http, server, log } = await startServer({ limits: { recentItems: 10 } })
  const items = log.addMany(4_000, () => rejectedTxEvent('z'.repeat(6_000)))
  await server.publish(items, log.high)
  const client = await StreamClient.open(`${http}/events`, { 'Last-Event-ID': items[0]?.cursor ?? '' })
  client.response.pause()
  let before = -1
  const isResting = () => {
    const was = before
    before = log.reads
    return was === before
  }
  await eventually(isResting, { intervalMs: 300, timeoutMs: 10_000 })
  expect(log.reads).toBeLessThan(70) // of 80 pages
  client.response.resume()
  await eventually(() => client.text.slice(-2_000).includes('event: caught-up\n'), { timeoutMs: 60_000, intervalMs: 200 })
  expect(client.ids()).toEqual(items.slice(1).map(({ id }) => id))
})

test('stop tells each stream when to come again', async () => {
  const { http, server, log } = await startServer()
  const item = log.add(blockEvent())
  await server.publish([item], log.high)
  const client = await StreamClient.live(`${http}/events`)
  await server.stop()
  await eventually(() => client.isClosed)
  const closing = client.events('closing')[0]?.data
  expect(closing).toMatchObject({ code: 1012, reason: expect.stringContaining(`"cursor":"${item.cursor}"`) })
})

test('history that cannot be read ends the stream with a sentence', async () => {
  const log = new FakeLog()
  const items = log.addMany(100, () => blockEvent())
  const { http, server } = await startServer({ log, limits: { recentItems: 10, readTimeoutMs: 100 } })
  await server.publish(items, log.high)
  log.beforeRead = () => new Promise(() => {})
  const client = await StreamClient.open(`${http}/events`, { 'Last-Event-ID': items[0]?.cursor ?? '' })
  await eventually(() => client.isClosed)
  expect(client.events('closing').map(({ data }) => data)).toMatchObject([
    { code: 1013, reason: expect.stringContaining('try again later') },
  ])
})
