import { expect, test } from 'vitest'
import { WEBSOCKET_LIMITS } from '../../../src/websocket/limits.ts'
import { eventually } from '../../support/eventually.ts'
import { blockEvent, rejectedTxEvent } from './fake-log.ts'
import { FeedClient } from './feed-client.ts'
import { PING, startServer } from './start-server.ts'

test.each(['/p2p-ws', '/ws'])('without a subprotocol %s brings the notification objects and nothing else', async (path) => {
  const { ws, server, log } = await startServer()
  const client = await FeedClient.open(`${ws}${path}`, { protocols: [] })
  await server.publish([log.add(blockEvent(5)), log.add(rejectedTxEvent()), log.add(blockEvent(6))], log.high)
  await eventually(() => client.texts.length === 2)
  expect(client.texts).toEqual([`{"type":"block","hash":"${'5'.padStart(64, '0')}"}`, `{"type":"block","hash":"${'6'.padStart(64, '0')}"}`])
  expect(client.socket.protocol).toBe('')
})

test('the application PING comes again and again, each 10 s by default', async () => {
  expect(WEBSOCKET_LIMITS.pingEachMs).toBe(10_000)
  const { ws, server } = await startServer({ limits: { pingEachMs: 300 } })
  await server.publish([], 0n)
  const client = await FeedClient.open(`${ws}/p2p-ws`, { protocols: [] })
  await eventually(() => client.texts.length >= 2)
  expect(client.texts.slice(0, 2)).toEqual([PING, PING])
})

test('a client is greeted with the status of the own node, and hears no PING of nodes that send none', async () => {
  const node = { teranodeGreeting: () => '{"type":"node_status"}', teranodePing: () => null }
  const { ws, server, log } = await startServer({ limits: { pingEachMs: 50 }, node })
  await server.publish([], 0n)
  const client = await FeedClient.open(`${ws}/p2p-ws`, { protocols: [] })
  const later = await FeedClient.live(`${ws}/ws`)
  await eventually(() => later.frames('ping').length > 2)
  await server.publish([log.add(blockEvent(5))], log.high)
  await eventually(() => client.texts.length === 2)
  expect(client.frames().map(({ type }) => type)).toEqual(['node_status', 'block'])
})

test('a client that answers no ping of the protocol is closed', async () => {
  const { ws, server, registry } = await startServer({ limits: { idleTimeoutSeconds: 8 } }) // the least that uWebSockets.js takes
  await server.publish([], 0n)
  const dead = await FeedClient.live(`${ws}/ws`)
  dead.socket.pause()
  await eventually(async () => expect(await registry.metrics()).toContain('bridge_browser_closed_total{cause="idle"} 1'), {
    timeoutMs: 20_000,
  })
})

test('what such a client says is not read, but bounded', async () => {
  const { ws, server, log } = await startServer()
  const client = await FeedClient.open(`${ws}/p2p-ws`, { protocols: [] })
  client.socket.send('{"hello":"there"}')
  await server.publish([log.add(blockEvent())], 1n)
  await eventually(() => client.texts.length === 1)
  for (let count = 0; count < 50; count++) client.socket.send('x')
  expect(await client.closing()).toMatchObject({ code: 4429 })
})
