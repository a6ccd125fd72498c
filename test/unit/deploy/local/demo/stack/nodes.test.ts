import { expect, test } from 'vitest'
import { bridgeEnvironment, layOutNodes, nodeEnvironment } from '../../../../../../deploy/local/demo/stack/nodes.ts'

const PORTS = Array.from({ length: 9 }, (_, index) => 20_001 + index)

test('gives each bridge its own ports and identity, and the bridges of one node one name', async () => {
  const { A, B } = await layOutNodes({ instances: 2, ports: PORTS })
  expect(A).toMatchObject({ bridgeId: 'node-a', topicPrefix: 'node-a.' })
  expect(A.bridges.map(({ name }) => name)).toEqual(['node-a-1', 'node-a-2'])
  expect(B.bridges.map(({ name }) => name)).toEqual(['node-b'])
  const bridges = [...A.bridges, ...B.bridges]
  expect(bridges.flatMap(({ httpPort, p2pPort, healthPort }) => [httpPort, p2pPort, healthPort])).toEqual(PORTS)
  expect(new Set(bridges.map(({ peerId }) => peerId)).size).toBe(3)
  for (const { peerId, privateKey } of bridges) {
    expect(peerId).toMatch(/^12D3KooW/)
    expect(privateKey).toMatch(/^[0-9a-f]{128}$/)
  }
})

test('keeps the identities from run to run', async () => {
  const [first, second] = await Promise.all([layOutNodes({ instances: 1, ports: PORTS }), layOutNodes({ instances: 1, ports: PORTS })])
  expect(first).toEqual(second)
})

test('joins the bridges by static peers and keeps everything on loopback', async () => {
  const { A, B } = await layOutNodes({ instances: 1, ports: PORTS })
  const [a, b] = [...A.bridges, ...B.bridges]
  if (!a || !b) throw new Error('there are two bridges')
  const kafkaBrokers = ['127.0.0.1:19092']
  const environment = bridgeEnvironment({ node: A, bridge: a, peers: [b], kafkaBrokers, databaseUrl: 'postgres://x' })
  expect(environment).toMatchObject({
    ...nodeEnvironment(A, kafkaBrokers),
    INSTANCE_ID: 'node-a',
    BANLIST_DB: 'postgres://x',
    P2P_STATIC_PEERS: `/ip4/127.0.0.1/tcp/${b.p2pPort}/p2p/${b.peerId}`,
    P2P_HTTPLISTENADDRESS: '127.0.0.1:20001',
    HEALTHLISTENADDRESS: '127.0.0.1:20003',
    P2P_PORT: '20002',
  })
})
