import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { eventually } from '../../../support/eventually.ts'
import { onEnd } from '../../../support/on-end.ts'
import { blockEvent, FakeLog } from '../fake-log.ts'
import { FeedClient } from '../feed-client.ts'
import { startServer } from '../start-server.ts'

const log = new FakeLog()
const items = log.addMany(300, (index) => blockEvent(index))
const { ws, http, server } = await startServer({ log, limits: { recentItems: 10 } })
await server.publish(items.slice(-20), log.high)
const good = await FeedClient.live(`${ws}/ws`)

/** Nobody else is harmed. */
async function expectGoodServed(): Promise<void> {
  const item = log.add(blockEvent())
  await server.publish([item], log.high)
  await eventually(() => good.ids().includes(item.id))
}

test('a binary message is refused with what to send, also if it holds a subscription', async () => {
  const client = await FeedClient.open(`${ws}/ws`)
  client.socket.send(Buffer.from('{"type":"subscribe"}'))
  expect(await client.closing()).toMatchObject({ code: 4400 })
  expect(client.frames('error')).toMatchObject([{ code: 'bad-message', message: 'the message is binary; send JSON in a text message' }])
  await expectGoodServed()
})

test.each([
  ['nested lists', '['.repeat(4000)],
  ['nested objects', `{"type":"subscribe","filter":${'{"a":'.repeat(600)}1${'}'.repeat(600)}}`],
  ['a __proto__', '{"type":"subscribe","__proto__":{"last":5}}'],
  ['a number that is none', '{"type":"subscribe","last":1e400}'],
  ['half a character', '{"type":"subscribe","filter":{"peer":"\\ud800"}} '.slice(0, -3)],
])('a message of %s is refused with a sentence', async (_what, text) => {
  const client = await FeedClient.open(`${ws}/ws`)
  client.socket.send(text)
  expect(await client.closing()).toMatchObject({ code: 4400 })
  expect(client.frames('error')).toHaveLength(1)
  await expectGoodServed()
})

test('of a thousand subscriptions at once those beyond the burst end the connection', async () => {
  const client = await FeedClient.open(`${ws}/ws`)
  for (let count = 0; count < 1000; count++) client.subscribe({ cursor: items[0]?.cursor, types: ['block'] })
  expect(await client.closing()).toMatchObject({ code: 4429 })
  await expectGoodServed()
})

test('a filter that nothing passes reads the past once, and goes live', async () => {
  const before = log.reads
  const client = await FeedClient.live(`${ws}/ws`, { filter: { minHeight: 1_000_000 }, cursor: items[0]?.cursor })
  expect(client.ids()).toEqual([])
  expect(log.reads - before).toBeLessThan(12) // 6 pages of 50 events
})

test.each([
  ['forged', () => `v1.${20}.00000000`],
  ['of another event log', () => `v1.299.deadbeef`],
])('a cursor that is %s is answered with a gap that names it', async (_what, cursor) => {
  const client = await FeedClient.live(`${ws}/ws`, { cursor: cursor() })
  expect(client.frames('gap')).toMatchObject([{ requested: cursor(), reason: 'unknown-cursor' }])
  expect(client.ids().slice(0, 300)).toEqual(items.map(({ id }) => id))
})

test.each(['v1.9223372036854775808.00000000', 'v1.-1.00000000', 'v1.1.0000000g', '', 'v1.1.00000000\u0000'])(
  'the text %j is no cursor',
  async (cursor) => {
    const client = await FeedClient.open(`${ws}/ws`)
    client.subscribe({ cursor })
    expect(await client.closing()).toMatchObject({ code: 4400 })
  },
)

test.each([
  ['PUT /ws HTTP/1.1', '405'],
  ['OPTIONS /ws HTTP/1.1', '405'],
  ['OPTIONS /events HTTP/1.1', '200'],
  ['POST /v1/events HTTP/1.1', '405'],
  ['GET /events/../ws HTTP/1.1', '404'],
  ['GET /v1/events/ HTTP/1.1', '404'],
  ['GET /%00 HTTP/1.1', '404'],
  ['GET * HTTP/1.1', '505'],
])('%s is answered with %s', async (line, status) => {
  expect(await answerTo(`${line}\r\nHost: x\r\nContent-Length: 0\r\n\r\n`)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
})

test('a long address and a long header are answered or cut off, and the next request is served', async () => {
  expect(await answerTo(`GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/^HTTP\/1.1 (404|414|431) |^$/)
  expect(await answerTo(`GET /health HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 (200|431) |^$/)
  expect((await fetch(`${http}/health`)).status).toBe(200)
  await expectGoodServed()
})

/** The first bytes of the answer; empty text when the connection was closed without one. */
function answerTo(request: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port(), '127.0.0.1', () => socket.write(request))
    onEnd(() => void socket.destroy())
    socket.once('data', (data) => resolve(data.toString()))
    socket.once('close', () => resolve(''))
    socket.on('error', () => {})
  })
}

const UPGRADE = [
  'GET /ws HTTP/1.1',
  'Host: x',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: gossip-bridge.v1+json',
  '\r\n',
].join('\r\n')

test.each(['/v1/status', '/v1/events', '/events', '/ws', '/health'])(
  'who resets his connection while his request for %s waits to be read harms nobody',
  async (path) => {
    const gone: Socket[] = []
    const hello = () => {
      for (const socket of gone) socket.resetAndDestroy()
      return { version: '', instance: '', bridgeId: '', network: '', clientName: '', peerId: '' }
    }
    const { http, server } = await startServer({
      node: { hello },
      door: { respond: async () => ({ status: 200, headers: {}, text: '{}' }) },
    })
    const open = async () => {
      const socket = connect(server.port(), '127.0.0.1').on('error', () => {})
      onEnd(() => void socket.destroy())
      await once(socket, 'connect')
      return socket
    }
    const first = await open()
    gone.push(...(await Promise.all(Array.from({ length: 5 }, open))))
    await fetch(`${http}/health`) // by now the server has accepted all of them
    // One turn of the event loop has them all to read. The first one is greeted in it, and then the others are no more.
    first.write(UPGRADE)
    for (const socket of gone) socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await eventually(() => gone.every(({ destroyed }) => destroyed))
    expect((await fetch(`${http}/health`)).status).toBe(200)
  },
)
