import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { GossipStartError, GossipStoppedError } from '../../../src/gossip/errors.ts'
import { eventually } from '../../support/eventually.ts'
import { granted } from '../../support/granted.ts'
import { onEnd } from '../../support/on-end.ts'
import { areConnected, blockTopic, bytes, makeHost, rejectedTopic, startHost, textsOf } from './start-host.ts'

test('a port that is taken is said in one sentence that names the setting', async () => {
  const first = await startHost()
  const port = Number(/tcp\/(\d+)/.exec(first.address())?.[1])
  const second = await makeHost({ port })
  const error = await second.start().catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(GossipStartError)
  expect(String(error)).toContain(
    `cannot listen on 127.0.0.1 port ${port}: another process has this port; end it or set p2p_port to another one`,
  )
})

test('stop returns at once before a start, and twice, and a stopped host stays stopped', async () => {
  const host = await makeHost()
  await host.stop()
  await host.stop()
  await expect(host.start()).rejects.toThrow(GossipStoppedError)
  await expect(host.publish(blockTopic, bytes('x'), { priority: 'high' })).rejects.toThrow(GossipStoppedError)
})

test('nothing can be published before the start', async () => {
  const host = await makeHost()
  await expect(host.publish(blockTopic, bytes('x'), { priority: 'high' })).rejects.toThrow(GossipStoppedError)
})

test('a topic that the host does not have cannot be published on', async () => {
  const host = await startHost()
  await expect(host.publish('bitcoin/mainnet-block', bytes('x'), { priority: 'high' })).rejects.toThrow(
    'is not among the topics of this host',
  )
})

test('stop returns while a start is under way', async () => {
  const host = await makeHost()
  const starting = host.start()
  await host.stop()
  await starting
  expect(host.peers()).toEqual([])
})

test('stop does not wait for a peer that never answers a dial', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => sockets.add(socket))
  onEnd(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await eventually(() => server.listening)
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const host = await startHost({
    staticPeers: [`/ip4/127.0.0.1/tcp/${port}/p2p/12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG`],
    timings: { dialTimeoutMs: 60_000 },
  })
  await eventually(() => sockets.size > 0)
  const before = performance.now()
  await host.stop()
  expect(performance.now() - before).toBeLessThan(granted(2000))
})

test('what waits for its turn is rejected at stop', async () => {
  const host = await startHost({ outboundRate: 1 })
  const results = Array.from({ length: 40 }, () => host.publish(blockTopic, bytes('x'), { priority: 'high' }).then(() => 'sent', (error: unknown) => error)) // biome-ignore format: one line reads better
  await host.stop()
  const settled = await Promise.all(results)
  expect(settled.filter((result) => result === 'sent').length).toBeLessThan(40)
  expect(settled.at(-1)).toBeInstanceOf(GossipStoppedError)
})

test('publishing is paced, arrives whole, and lets blocks overtake rejected transactions', async () => {
  const one = await startHost({ outboundRate: 100 })
  const two = await startHost({ staticPeers: [one.address()] })
  await eventually(() => areConnected(blockTopic, [[one, 1], [two, 1]])) // biome-ignore format: one line reads better
  const before = performance.now()
  const low = Array.from({ length: 60 }, (_, i) => one.publish(rejectedTopic, bytes(`low ${i}`), { priority: 'low' }))
  const high = Array.from({ length: 60 }, (_, i) => one.publish(blockTopic, bytes(`high ${i}`), { priority: 'high' }))
  await Promise.all([...low, ...high])
  const seconds = (performance.now() - before) / 1000
  // 120 messages, 30 at once, the rest at 100 a second.
  expect(seconds).toBeGreaterThan(0.85)
  expect(seconds).toBeLessThan(granted(3))
  await eventually(() => two.heard.length === 120)
  const texts = textsOf(two)
  expect(texts.indexOf('high 59')).toBeLessThan(texts.indexOf('low 35'))
})

test('a host announces what it is told to announce', async () => {
  const host = await startHost({ advertiseAddresses: ['bridge.example:9905', '192.0.2.7:1234', '[2001:db8::1]:99'] })
  expect(host.multiaddrs()).toEqual(
    ['/dns/bridge.example/tcp/9905', '/ip4/192.0.2.7/tcp/1234', '/ip6/2001:db8::1/tcp/99'].map(
      (address) => `${address}/p2p/${host.peerId}`,
    ),
  )
})
