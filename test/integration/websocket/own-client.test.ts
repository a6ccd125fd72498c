import { pino } from 'pino'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createOwnClient, OWN_CLIENT_HEADER } from '../../../src/websocket/clients/own-client.ts'
import { eventually } from '../../support/eventually.ts'
import { onEnd } from '../../support/on-end.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import { blockEvent } from './fake-log.ts'
import { FeedClient } from './feed-client.ts'
import { startServer } from './start-server.ts'

const log = pino({ level: 'silent' })

function startOwnClient(url: string, token: string): string[] {
  const ids: string[] = []
  const client = createOwnClient({ url: () => `${url}/ws`, token, types: ['block'], retryMs: 50 }, { log, onEvent: (id) => ids.push(id) })
  client.start()
  onEnd(() => client.stop())
  return ids
}

test('the process’s own client hears what browsers hear, past their bounds, and is not counted among them', async () => {
  const { ws, server, log: feed, registry } = await startServer({ ownToken: 'secret', limits: { maxClients: 1, upgradesPerSecond: 1 } })
  await server.publish([], 0n)
  const browser = await FeedClient.live(`${ws}/ws`)
  const heard = startOwnClient(ws, 'secret')
  const items = [feed.add(blockEvent())]
  await server.publish(items, feed.high)
  // What came before it was live is none of its business, so it is told again until it hears.
  await eventually(async () => {
    await server.publish([feed.add(blockEvent())], feed.high)
    return heard.length > 0
  })
  await eventually(() => expect(browser.ids()).toEqual(expect.arrayContaining(heard)))
  expect(server.clientCount()).toBe(1)
  const metrics = await registry.metrics()
  expect(metrics).toContain('bridge_browser_clients{protocol="v1"} 1')
  expect(metrics).toContain('bridge_browser_opened_total{protocol="v1"} 1')
  expect(metrics).not.toContain('bridge_browser_refused_total{')
})

test('the own client comes back when its connection is cut', async () => {
  const { server, log: feed } = await startServer({ ownToken: 'secret' })
  await server.publish([], 0n)
  const proxy = await startTcpProxy({ port: 0, target: server.port() })
  onEnd(() => proxy.close())
  const heard = startOwnClient(`ws://127.0.0.1:${proxy.port}`, 'secret')
  const hears = async () => {
    const before = heard.length
    await eventually(async () => {
      await server.publish([feed.add(blockEvent())], feed.high)
      return heard.length > before
    })
  }
  await hears()
  await proxy.cut()
  await proxy.mend()
  await hears()
})

test('the token lets in one connection: a second one, and one with another token, count as browsers', async () => {
  const { ws, server } = await startServer({ ownToken: 'secret', limits: { maxClients: 2 } })
  const open = async (token: string) => {
    const socket = new WebSocket(`${ws}/ws`, { headers: { [OWN_CLIENT_HEADER]: token } })
    onEnd(async () => socket.terminate())
    await eventually(() => socket.readyState === WebSocket.OPEN)
  }
  await open('secret')
  expect(server.clientCount()).toBe(0)
  await open('secret')
  await open('guess')
  expect(server.clientCount()).toBe(2)
})

test('a stop of the own client that cannot connect returns at once', async () => {
  const client = createOwnClient({ url: () => 'ws://127.0.0.1:1/ws', token: 'x', types: ['instance'] }, { log, onEvent: () => {} })
  client.start()
  await client.stop()
  await client.stop()
})
