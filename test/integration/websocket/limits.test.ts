import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { eventually } from '../../support/eventually.ts'
import { granted } from '../../support/granted.ts'
import { blockEvent, rejectedTxEvent } from './fake-log.ts'
import { FeedClient } from './feed-client.ts'
import { startServer } from './start-server.ts'

test('three hundred clients hear each event once and in order', async () => {
  const { ws, server, log } = await startServer()
  await server.publish([], 0n)
  const clients = await Promise.all(Array.from({ length: 300 }, () => FeedClient.live(`${ws}/ws`)))
  for (let batch = 0; batch < 20; batch++)
    await server.publish(
      log.addMany(10, () => blockEvent()),
      log.high,
    )
  const expected = log.entries.map(({ event }) => event.id)
  await eventually(() => clients.every((client) => client.eventCount() >= expected.length), { timeoutMs: 15_000 })
  for (const client of clients) expect(client.ids()).toEqual(expected)
})

test('a slow client is closed with the cursor to resume from, with all that is before it, and the others miss nothing', async () => {
  const { ws, server, log, logLines, registry } = await startServer({ limits: { slowClientBytes: 256 * 1024 } })
  await server.publish([], 0n)
  const good = await FeedClient.live(`${ws}/ws`)
  const slow = await FeedClient.live(`${ws}/ws`)
  slow.socket.pause()
  const filler = 'x'.repeat(200)
  const unsent = async () => Number(/bridge_browser_unsent_bytes (\d+)/.exec(await registry.metrics())?.[1])
  while ((await unsent()) <= 256 * 1024) {
    await server.publish(
      log.addMany(200, () => rejectedTxEvent(filler)),
      log.high,
    )
    await eventually(() => good.eventCount() >= log.entries.length)
  }
  expect(server.clientCount()).toBe(2) // its place is not free while its bytes are here
  slow.socket.resume()
  const { code, reason } = await slow.closing()
  expect(code).toBe(4008)
  const ids = slow.ids()
  expect(reason).toBe(slow.frames('event').at(-1)?.cursor)
  expect(ids).toEqual(log.entries.slice(0, ids.length).map(({ event }) => event.id))
  expect(good.ids()).toEqual(log.entries.map(({ event }) => event.id))
  expect(logLines).toContainEqual(expect.objectContaining({ cause: 'slow', code: 4008, msg: 'browser client closed' }))
  expect(await registry.metrics()).toContain('bridge_browser_closed_total{cause="slow"} 1')
})

test('a burst far larger than the bound closes nobody who reads', async () => {
  const { ws, server, log } = await startServer({ limits: { slowClientBytes: 256 * 1024 } })
  await server.publish([], 0n)
  const clients = await Promise.all(Array.from({ length: 3 }, () => FeedClient.live(`${ws}/ws`)))
  await server.publish(
    log.addMany(20_000, () => rejectedTxEvent('y'.repeat(200))),
    log.high,
  )
  await eventually(() => clients.every((client) => client.eventCount() >= 20_000), { timeoutMs: 20_000 })
})

test('a replay goes no faster than its client reads', async () => {
  const { ws, server, log, registry } = await startServer({ limits: { recentItems: 10, slowClientBytes: 256 * 1024 } })
  const items = log.addMany(4_000, () => rejectedTxEvent('z'.repeat(6_000))) // more bytes than the kernel takes for a client
  await server.publish(items, log.high)
  const client = await FeedClient.open(`${ws}/ws`)
  client.socket.pause()
  client.subscribe({ cursor: items[0]?.cursor })
  let before = -1
  const isResting = () => {
    const was = before
    before = log.reads
    return was === before
  }
  await eventually(isResting, { intervalMs: 300, timeoutMs: 10_000 })
  expect(log.reads).toBeLessThan(70) // of 80 pages
  client.socket.resume()
  await client.caughtUp()
  expect(client.ids()).toEqual(items.slice(1).map(({ id }) => id))
  expect(await registry.metrics()).not.toContain('cause="slow"')
})

test('beyond the bounds on clients and on one address upgrades get 503 with a time to come back', async () => {
  const { ws } = await startServer({ limits: { maxClients: 2 } })
  await FeedClient.open(`${ws}/ws`)
  const second = await FeedClient.open(`${ws}/ws`)
  expect(await refusalOf(`${ws}/ws`)).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^[1-5]$/) })
  second.socket.close()
  await second.closing()
  await eventually(async () => (await refusalOf(`${ws}/ws`)).status === 101)
  const other = await startServer({ limits: { maxClientsPerAddress: 1 } })
  await FeedClient.open(`${other.ws}/ws`)
  expect(await refusalOf(`${other.ws}/ws`)).toMatchObject({ status: 503 })
})

test('too many upgrades at once get 503', async () => {
  const { ws } = await startServer({ limits: { upgradesPerSecond: 2 } })
  const answers = await Promise.all(Array.from({ length: 40 }, () => refusalOf(`${ws}/ws`)))
  expect(answers.filter(({ status }) => status === 503).length).toBeGreaterThanOrEqual(10)
  expect(answers.filter(({ status }) => status === 101).length).toBeGreaterThanOrEqual(4)
})

test('a page of a foreign origin may not connect; one of the same host, a listed one, and a program may', async () => {
  const { ws, server } = await startServer({ allowedOrigins: ['https://explorer.example'] })
  expect(await refusalOf(`${ws}/ws`, 'https://evil.example')).toMatchObject({ status: 403 })
  expect(await refusalOf(`${ws}/ws`, 'null')).toMatchObject({ status: 403 })
  expect(await refusalOf(`${ws}/ws`, 'https://explorer.example')).toMatchObject({ status: 101 })
  expect(await refusalOf(`${ws}/ws`, `http://127.0.0.1:${server.port()}`)).toMatchObject({ status: 101 })
  expect(await refusalOf(`${ws}/ws`)).toMatchObject({ status: 101 })
})

test('stop sends everybody away with 1012, a time and the cursor, and returns in time with a client that reads nothing', async () => {
  const { ws, server, log } = await startServer()
  const items = log.addMany(5, () => blockEvent())
  await server.publish(items, log.high)
  const client = await FeedClient.live(`${ws}/ws`)
  const plain = await FeedClient.open(`${ws}/p2p-ws`, { protocols: [] })
  const stuck = await FeedClient.live(`${ws}/ws`)
  stuck.socket.pause()
  const startedAt = performance.now()
  await server.stop()
  expect(performance.now() - startedAt).toBeLessThan(granted(2000))
  const { code, reason } = await client.closing()
  expect([code, JSON.parse(reason)]).toEqual([1012, { cursor: items[4]?.cursor, retryAfterMs: expect.any(Number) }])
  expect(await plain.closing()).toEqual({ code: 1012, reason: '' })
  await expect(server.publish(items, log.high)).resolves.toBeUndefined()
})

/** How an upgrade is answered: 101 when it succeeds. */
function refusalOf(url: string, origin?: string): Promise<{ status: number; retryAfter: string | undefined }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, origin === undefined ? {} : { origin })
    socket.on('unexpected-response', (request, response) => {
      request.destroy()
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] })
    })
    socket.on('open', () => {
      socket.terminate()
      resolve({ status: 101, retryAfter: undefined })
    })
    socket.on('error', reject)
  })
}

test('clients that stop reading cost no more than the bound for all of them, and the others miss nothing', async () => {
  const maxUnsentBytes = 2 * 1024 * 1024
  const { ws, server, log, registry } = await startServer({ limits: { maxUnsentBytes } })
  await server.publish([], 0n)
  const good = await FeedClient.live(`${ws}/ws`)
  const stuck = await Promise.all(Array.from({ length: 20 }, () => FeedClient.live(`${ws}/ws`)))
  for (const client of stuck) client.socket.pause()
  const filler = 'x'.repeat(2000)
  let most = 0
  const metric = async (name: RegExp) => Number(name.exec(await registry.metrics())?.[1] ?? 0)
  const cutOff = () => metric(/bridge_browser_closed_total\{cause="memory"\} (\d+)/)
  while ((await cutOff()) < 10) {
    await server.publish(
      log.addMany(100, () => rejectedTxEvent(filler)),
      log.high,
    )
    most = Math.max(most, await metric(/bridge_browser_unsent_bytes (\d+)/))
    await eventually(() => good.eventCount() >= log.entries.length)
  }
  expect(most).toBeLessThanOrEqual(maxUnsentBytes)
  expect(server.clientCount()).toBeLessThanOrEqual(11)
  expect(good.ids()).toEqual(log.entries.map(({ event }) => event.id))
})
