import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { onEnd } from '../../support/on-end.ts'
import { createTestClock } from '../../support/test-clock.ts'
import { createTokenIssuer } from '../../support/token-issuer.ts'
import { blockEvent, FakeLog, rejectedTxEvent } from '../websocket/fake-log.ts'
import { startServer } from '../websocket/start-server.ts'
import { startClient } from './start-client.ts'

test('what comes from now on, across broken connections, each event once', async () => {
  const { ws, server, log } = await startServer()
  await server.publish([log.add(blockEvent())], log.high)
  const { client, ids, states, cut } = startClient({ url: `${ws}/ws` })
  await eventually(() => client.state === 'live')
  const items = []
  for (let round = 0; round < 5; round++) {
    cut()
    const item = log.add(blockEvent())
    items.push(item)
    await server.publish([item], log.high)
    await eventually(() => ids.length === items.length)
  }
  expect(ids).toEqual(items.map(({ id }) => id))
  expect(client.cursor).toBe(items.at(-1)?.cursor)
  expect(states.slice(0, 6)).toEqual(['connecting', 'catching-up', 'live', 'waiting', 'connecting', 'catching-up'])
})

test('the past that it asked for comes once, also when the event log was empty at first', async () => {
  const { ws, server, log } = await startServer()
  await server.publish([], 0n)
  const empty = startClient({ url: `${ws}/ws` })
  await eventually(() => empty.client.state === 'live')
  empty.client.close()
  const items = log.addMany(30, () => blockEvent())
  await server.publish(items, log.high)
  empty.client.open()
  await eventually(() => empty.ids.length === 30)
  const last = startClient({ url: `${ws}/ws`, last: 10, types: ['block'], batchMs: 20 })
  await eventually(() => last.ids.length === 10 && last.client.state === 'live')
  last.cut()
  await eventually(() => last.states.filter((state) => state === 'live').length === 2)
  expect(last.ids).toEqual(items.slice(20).map(({ id }) => id))
})

test('an instance that has just started, with nothing new to say, gives a place to go on from', async () => {
  const log = new FakeLog()
  const old = log.addMany(20, () => blockEvent())
  const { ws, server } = await startServer({ log })
  server.startAfter(old[19]?.cursor ?? '')
  await server.publish([], log.high)
  const { client, ids } = startClient({ url: `${ws}/ws` })
  await eventually(() => client.state === 'live')
  expect(client.cursor).toBe(old[19]?.cursor)
  client.close()
  const item = log.add(blockEvent())
  await server.publish([item], log.high)
  client.open()
  await eventually(() => ids.length === 1)
  expect(ids).toEqual([item.id])
})

test('a gap is told, and the client goes on behind it', async () => {
  const log = new FakeLog()
  const items = log.addMany(300, () => blockEvent())
  const { ws, server } = await startServer({ log, limits: { recentItems: 10 } })
  await server.publish(items.slice(280), log.high)
  log.low = 200n
  const { ids, gaps } = startClient({ url: `${ws}/ws`, cursor: items[9]?.cursor ?? '' })
  await eventually(() => ids.length === 100)
  expect(gaps).toMatchObject([{ requested: items[9]?.cursor, oldest: items[200]?.cursor, reason: 'expired', missed: 190 }])
})

test('a server that stops sends its clients to another one, with their place', async () => {
  const log = new FakeLog()
  const [first, second] = [await startServer({ log }), await startServer({ log })]
  const publish = async (to: typeof first) => {
    const item = log.add(blockEvent())
    await to.server.publish([item], log.high)
    return item.id
  }
  const expected = [await publish(first)]
  const { client, ids, reasons } = startClient({ url: [`${first.ws}/ws`, `${second.ws}/ws`], last: 1 })
  await eventually(() => client.state === 'live')
  await first.server.stop()
  await eventually(() => reasons.some((reason) => reason.includes('retryAfterMs')))
  await second.server.publish([], log.high)
  expected.push(await publish(second))
  await eventually(() => ids.length === 2)
  expect(ids).toEqual(expected)
})

test('a server that does not take what it says is not asked again', async () => {
  const { ws } = await startServer()
  const { client, reasons } = startClient({ url: `${ws}/ws`, filter: { hashPrefix: 'xyz' } })
  await eventually(() => client.state === 'failed')
  expect(reasons.at(-1)).toContain('hashPrefix is "xyz"; it must be 1 to 64 hexadecimal digits')
})

test('a server that is not there, or says nothing, is tried again', async () => {
  const { ws, server, log } = await startServer()
  const { client, ids, states } = startClient({ url: ['ws://127.0.0.1:1/ws', `${ws}/ws`], silentMs: 1000 })
  await eventually(() => states.filter((state) => state === 'waiting').length > 2) // the second one has not read its event log yet
  await server.publish([], 0n)
  await eventually(async () => {
    await server.publish([log.add(rejectedTxEvent())], log.high)
    return ids.length > 0
  })
  client.close()
  expect(client.state).toBe('closed')
})

test('a token function is asked for each connection, until the server takes what it gives', async () => {
  const { ws, server } = await startServer({ auth: { kind: 'static', token: 'a-token-of-more-than-16' } })
  await server.publish([], 0n)
  const given: string[] = []
  const { client, reasons } = startClient({
    url: `${ws}/ws`,
    async token() {
      given.push('asked')
      if (given.length === 1) throw new Error('not logged in')
      return given.length === 2 ? 'an-old-token-of-more' : 'a-token-of-more-than-16'
    },
  })
  await eventually(() => client.state === 'live')
  expect(given).toHaveLength(3)
  expect(reasons.filter((reason) => reason !== '')).toEqual(['there is no token: not logged in', 'the connection broke (1006)'])
  const fixed = startClient({ url: `${ws}/ws`, token: 'a-token-of-more-than-16' })
  await eventually(() => fixed.client.state === 'live')
})

test('after its token has expired a client with a fixed token stops, and one with a function goes on with the next', async () => {
  const clock = createTestClock()
  const issuer = await createTokenIssuer('one')
  const directory = mkdtempSync(join(tmpdir(), 'keys-'))
  onEnd(() => rmSync(directory, { recursive: true }))
  const keysFile = join(directory, 'jwks.json')
  writeFileSync(keysFile, JSON.stringify(issuer.keySet))
  const { ws, server } = await startServer({
    auth: { kind: 'jwt', keysFile, issuer: 'i', audience: 'a', algorithms: ['ES256'] },
    clock,
  })
  await server.publish([], 0n)
  const token = () => issuer.token({ iss: 'i', aud: 'a', exp: clock.wall() / 1000 + 60 })
  const fixed = startClient({ url: `${ws}/ws`, token: await token() })
  const renewed = startClient({ url: `${ws}/ws`, token })
  await eventually(() => fixed.client.state === 'live' && renewed.client.state === 'live')
  clock.pass(66_000)
  await eventually(() => fixed.client.state === 'failed')
  expect(fixed.reasons.at(-1)).toBe('the token has expired')
  await eventually(() => renewed.states.filter((state) => state === 'live').length === 2)
})

test('a client that is closed while its token is fetched opens nothing', async () => {
  const { ws, server } = await startServer()
  await server.publish([], 0n)
  const asked: ((token: string) => void)[] = []
  const { client, states } = startClient({ url: `${ws}/ws`, token: () => new Promise<string>((resolve) => asked.push(resolve)) })
  client.open()
  await eventually(() => asked.length === 1)
  client.close()
  asked[0]?.('late')
  client.open()
  await eventually(() => asked.length === 2)
  asked[1]?.('in-time')
  await eventually(() => client.state === 'live')
  expect(states).toEqual(['connecting', 'closed', 'connecting', 'catching-up', 'live'])
})
