import net from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { createNode } from '../../../../src/gossip/node/node.ts'
import { ephemeralIdentity } from '../../../../src/identity/key.ts'
import { eventually } from '../../../support/eventually.ts'
import { onEnd } from '../../../support/on-end.ts'
import { blockTopic } from '../start-host.ts'

const MESSAGES = 100
/** A new peer is offered the latest messages at three heartbeats: up to some kilobytes that answer nothing. */
const HEARTBEATS = 4
/** A window update with the length and the tag of its encryption. */
const UPDATE_BYTES = 2 + 12 + 16

async function startNode() {
  const identity = await ephemeralIdentity()
  const limits = { maxConnections: 10, maxConnectionsPerSecondAndAddress: 10 }
  const listen = ['/ip4/127.0.0.1/tcp/0']
  const node = await createNode(
    { identity, listen, announce: [], topics: [blockTopic], userAgent: 'test', ...limits },
    { connectionGater: {} },
  )
  onEnd(() => node.stop())
  await node.start()
  node.services.pubsub.subscribe(blockTopic)
  return node
}

/** Passes on what both sides send, and counts the bytes of the one that is dialled. */
async function startCounter(target: number) {
  let answered = 0
  const sockets: net.Socket[] = []
  const server = net.createServer((near) => {
    const far = net.connect(target, '127.0.0.1')
    for (const socket of [near, far]) socket.on('error', () => {})
    sockets.push(near, far)
    far.on('data', ({ length }) => {
      answered += length
    })
    near.pipe(far).pipe(near)
  })
  onEnd(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as net.AddressInfo).port, answered: () => answered }
}

/** Resolves after so many more heartbeats. */
async function heartbeats(node: Awaited<ReturnType<typeof startNode>>, count: number): Promise<void> {
  let seen = 0
  node.services.pubsub.addEventListener('gossipsub:heartbeat', () => {
    seen += 1
  })
  await eventually(() => seen >= count)
}

test('a node that hears messages answers hardly any of them', async () => {
  const [sender, hearer] = await Promise.all([startNode(), startNode()])
  const port = Number(hearer.getMultiaddrs()[0]?.toString().split('/')[4])
  const counter = await startCounter(port)
  const heard = new Set<string>()
  hearer.services.pubsub.addEventListener('gossipsub:message', ({ detail }) => heard.add(Buffer.from(detail.msg.data).toString()))
  await sender.dial(multiaddr(`/ip4/127.0.0.1/tcp/${counter.port}/p2p/${hearer.peerId}`))
  await eventually(() => sender.services.pubsub.getMeshPeers(blockTopic).length > 0)
  await eventually(() => hearer.services.pubsub.getMeshPeers(blockTopic).length > 0)

  await heartbeats(hearer, HEARTBEATS)
  const before = counter.answered()
  for (let index = 0; index < MESSAGES; index++) {
    await sender.services.pubsub.publish(blockTopic, Buffer.from(`message ${index}`))
    await eventually(() => heard.size > index, { intervalMs: 1 })
  }
  expect(counter.answered() - before).toBeLessThan((MESSAGES * UPDATE_BYTES) / 4)
})
