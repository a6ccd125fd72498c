import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { banEvent, blockEvent, FakeLog, rejectedTxEvent } from './fake-log.ts'
import { startServer } from './start-server.ts'

interface Page {
  readonly events: readonly { id: string; cursor: string }[]
  readonly next: string | null
  readonly caughtUp: boolean
  readonly gap: Record<string, unknown> | null
}

async function read(http: string, query = ''): Promise<Page> {
  const answer = await fetch(`${http}/v1/events${query}`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
  return (await answer.json()) as Page
}

const idsOf = ({ events }: Page) => events.map(({ id }) => id)

/** 300 blocks of the past, one a millisecond from time 1,000,000 on; 10 are in memory. */
async function startWithPast() {
  const log = new FakeLog()
  const items = log.addMany(300, (index) => blockEvent(index))
  for (const [index, entry] of log.entries.entries()) log.entries[index] = { ...entry, timestamp: 1_000_000 + index }
  const started = await startServer({ log, limits: { recentItems: 10 } })
  await started.server.publish(items.slice(-20), log.high)
  return { ...started, items }
}

test('without a place to start from, the last events', async () => {
  const { http, items } = await startWithPast()
  const page = await read(http, '?limit=30')
  expect(idsOf(page)).toEqual(items.slice(-30).map(({ id }) => id))
  expect(page).toMatchObject({ next: items.at(-1)?.cursor, caughtUp: true, gap: null })
  expect((await read(http)).events).toHaveLength(100)
})

test('from a time on, page by page, everything once', async () => {
  const { http, items } = await startWithPast()
  const ids: string[] = []
  let page = await read(http, '?since=1000100&limit=70')
  expect(page.caughtUp).toBe(false)
  for (let count = 0; count < 10; count++) {
    ids.push(...idsOf(page))
    if (page.caughtUp) break
    page = await read(http, `?cursor=${page.next}&limit=70`)
  }
  expect(ids).toEqual(items.slice(100).map(({ id }) => id))
  expect(page.next).toBe(items.at(-1)?.cursor)
  expect(await read(http, `?cursor=${page.next}`)).toEqual({ events: [], next: page.next, caughtUp: true, gap: null })
})

test('a page that ends with the last event says so, and a filter that nothing passes comes to the end', async () => {
  const { http, items } = await startWithPast()
  expect(await read(http, `?cursor=${items[289]?.cursor}&limit=10`)).toMatchObject({ caughtUp: true, next: items.at(-1)?.cursor })
  expect(await read(http, `?cursor=${items[0]?.cursor}&minHeight=100000`)).toEqual({
    events: [],
    next: items.at(-1)?.cursor,
    caughtUp: true,
    gap: null,
  })
  const some = await read(http, `?cursor=${items[0]?.cursor}&minHeight=297&types=block`)
  expect(idsOf(some)).toEqual(items.slice(297).map(({ id }) => id))
})

test('a rare type costs a look into memory', async () => {
  const log = new FakeLog()
  const ban = log.add(banEvent())
  const others = log.addMany(2000, () => blockEvent())
  const { http, server } = await startServer({ log, limits: { recentItems: 10 } })
  await server.publish(others.slice(-20), log.high)
  expect(idsOf(await read(http, '?types=ban&limit=1'))).toEqual([ban.id])
  const reads = log.reads
  expect(idsOf(await read(http, '?types=ban&limit=1'))).toEqual([ban.id])
  expect(log.reads).toBe(reads)
})

test('a time or a cursor from before the oldest event is answered with a gap', async () => {
  const { http, log, items } = await startWithPast()
  log.low = 50n
  const page = await read(http, '?since=1000010&limit=1')
  expect(page.gap).toEqual({ requested: null, reason: 'expired', oldest: items[50]?.cursor })
  expect(idsOf(page)).toEqual([items[50]?.id])
  expect((await read(http, '?since=1000051&limit=1')).gap).toBeNull()
  expect((await read(http, `?cursor=${items[5]?.cursor}&limit=1`)).gap).toMatchObject({ requested: items[5]?.cursor, missed: 44 })
})

test('a page has bounded bytes, and the next one goes on', async () => {
  const { http, server, log } = await startServer()
  const items = log.addMany(600, () => rejectedTxEvent('x'.repeat(4000)))
  await server.publish(items, log.high)
  const page = await read(http, `?cursor=${items[0]?.cursor}&limit=1000`)
  expect(page.events.length).toBeGreaterThan(200)
  expect(page.events.length).toBeLessThan(300)
  expect(page.next).toBe(page.events.at(-1)?.cursor)
})

test.each([
  ['limit=0', 'limit is \\"0\\"; it must be a whole number from 1 to 1000'],
  ['limit=1001', 'limit is \\"1001\\"'],
  ['limit=ten', 'limit is \\"ten\\"'],
  ['since=yesterday', 'since is \\"yesterday\\"'],
  ['last=5', 'unknown parameter \\"last\\"; there are types, peer'],
  ['origin=ours', 'origin is \\"ours\\"'],
  ['hashPrefix=%FF', 'hashPrefix is'],
])('%s is answered with what is wrong', async (query, wrong) => {
  const { http } = await startServer()
  const answer = await fetch(`${http}/v1/events?${query}`)
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(wrong)])
})

test('HEAD has the headers of GET, a foreign page gets 403, and a listed one may read', async () => {
  const { http, server } = await startServer({ allowedOrigins: ['https://explorer.example'] })
  await server.publish([], 0n)
  const head = await fetch(`${http}/v1/events`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
  const from = (Origin: string) => fetch(`${http}/v1/events`, { headers: { Origin } })
  expect((await from('https://evil.example')).status).toBe(403)
  expect((await from('https://explorer.example')).headers.get('access-control-allow-origin')).toBe('https://explorer.example')
})

test('history that cannot be read is answered with 503, logged once, and its places are free again', async () => {
  const log = new FakeLog()
  const items = log.addMany(100, () => blockEvent())
  const { http, server, logLines } = await startServer({ log, limits: { recentItems: 10 } })
  await server.publish(items, log.high)
  log.beforeRead = async () => {
    throw new Error('the broker is away')
  }
  const query = `/v1/events?cursor=${items[0]?.cursor}`
  const ask = async () => {
    const answer = await fetch(http + query)
    return [answer.status, answer.headers.get('retry-after'), await answer.text()]
  }
  for (let round = 0; round < 2; round++) {
    for (const answer of await Promise.all(Array.from({ length: 60 }, ask))) {
      expect(answer).toEqual([503, expect.stringMatching(/^[1-5]$/), expect.stringContaining('try again')])
    }
  }
  const said = logLines.filter(({ msg }) => String(msg).includes('/v1/events'))
  expect(said).toHaveLength(1)
  log.beforeRead = async () => {}
  await eventually(async () => expect((await fetch(http + query)).status).toBe(200))
})

test('before the first event of the event log is known, and while it is empty, the answer comes', async () => {
  const { http, server } = await startServer()
  const early = fetch(`${http}/v1/events`)
  await server.publish([], 0n)
  expect(await (await early).json()).toEqual({ events: [], next: null, caughtUp: true, gap: null })
})
