import { createNode, type GossipNode } from '../../src/gossip/node/node.ts'
import { ephemeralIdentity } from '../../src/identity/key.ts'
import type { Identity } from '../../src/identity/ports.ts'

/**
 * js-libp2p alone, with the router settings of the bridge's own node, so that the bridge is the difference in a comparison. It writes as
 * often as js-libp2p does by itself, and OpenSSL verifies its signatures; the bridge has libsodium for that.
 */
export async function startBareNode(topics: readonly string[]): Promise<{ node: GossipNode; identity: Identity }> {
  const identity = await ephemeralIdentity()
  const node = await createNode(
    {
      identity,
      topics,
      listen: ['/ip4/127.0.0.1/tcp/0'],
      announce: [],
      maxConnections: 100,
      maxConnectionsPerSecondAndAddress: 50,
      userAgent: 'bench',
      writesOften: true,
    },
    { connectionGater: {} },
  )
  await node.start()
  for (const topic of topics) node.services.pubsub.subscribe(topic)
  return { node, identity }
}
