import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { ephemeralIdentity } from '../../src/identity/key.ts'
import { GENESIS_HASH } from '../fixtures/announcements.ts'
import { createNode, startBridge, type TestBridge, type TestNode } from '../support/bridge/start-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { toTeranodeHex } from '../support/private-key.ts'
import { createTopicClient, type TopicClient } from '../support/stack/topic-client.ts'

const [A, B] = ['aa'.repeat(32), 'bb'.repeat(32)]
const WITHIN = { timeoutMs: 20_000 }

async function mineOn({ codec, producer }: TopicClient, node: TestNode, hash: string): Promise<void> {
  const known = { height: 7, header: null, previousHash: GENESIS_HASH, miner: '/a miner/', sizeInBytes: 1n, txCount: 1n }
  await producer.send(node.topics.notifications, {
    key: hash,
    value: codec.encode('notifications', { type: 'MiningOn', hash, ...known }),
    headers: {},
  })
}

/** What a browser of the bridge is told that nodes mine on, in its order. */
async function watchStates({ httpUrl }: TestBridge): Promise<string[]> {
  const states: string[] = []
  const socket = new WebSocket(`${httpUrl.replace('http', 'ws')}/ws`, 'gossip-bridge.v1+json')
  onEnd(() => socket.terminate())
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (text) => {
      const frame = JSON.parse(String(text)) as { type: string; data?: { miningOn: { hash: string } } }
      if (frame.type === 'hello') socket.send(JSON.stringify({ type: 'subscribe', types: ['mining-on'] }))
      if (frame.type === 'caught-up') resolve()
      if (frame.type === 'event' && frame.data) states.push(frame.data.miningOn.hash)
    })
  })
  return states
}

async function outcomes({ registry }: TestBridge, flow: string): Promise<Record<string, number>> {
  const { values = [] } = (await registry.getSingleMetric('bridge_flow_records_total')?.get()) ?? {}
  const ofFlow = values.filter(({ labels }) => (labels as { flow?: string }).flow === flow)
  return Object.fromEntries(ofFlow.map(({ labels, value }) => [(labels as { outcome?: string }).outcome, value]))
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)

test('a node that mines on A, B and A again is seen so by its own browsers and by those of each instance of another node', async () => {
  const [own, other, client] = await Promise.all([createNode({ partitions: 3 }), createNode(), createTopicClient()])
  const sender = await startBridge(own)
  const first = await startBridge(other, { P2P_STATIC_PEERS: own.multiaddr })
  const [port] = await freePorts(1)
  const identity = toTeranodeHex(await ephemeralIdentity())
  const second = await startBridge(other, { P2P_STATIC_PEERS: own.multiaddr, P2P_PORT: `${port}`, P2P_PRIVATE_KEY: identity })
  const seen = await Promise.all([sender, first, second].map(watchStates))

  const told: string[] = []
  for (const [index, hash] of [A, B, B, A, A].entries()) {
    await mineOn(client, own, hash)
    if (hash !== told.at(-1)) told.push(hash)
    await eventually(() => expect(seen).toEqual([told, told, told]), WITHIN)
    // The topic has several partitions: the next record could overtake one that nobody sees.
    await eventually(async () => expect(sum(await outcomes(sender, 'kafka-to-log'))).toBe(index + 1), WITHIN)
  }
  await eventually(async () => expect(await outcomes(sender, 'kafka-to-log')).toEqual({ sent: 3, repeated: 2 }), WITHIN)
  const events = (await client.readAll(other.topics.events)).filter(({ headers }) => headers.type === 'mining-on')
  // Both instances may write one, if the primary is late; its id is the same.
  expect(new Set(events.map(({ key }) => String(key))).size).toBe(3)
  expect(new Set(events.map(({ headers }) => headers['peer-id']))).toEqual(new Set([own.peerId]))
})
