import { multiaddr } from '@multiformats/multiaddr'
import { afterAll, expect, test } from 'vitest'
import { startBareNode } from '../integration/gossip/start-host.ts'
import { runBridge } from '../support/bridge/bridge-process.ts'
import { eventually } from '../support/eventually.ts'
import { createDatabase } from '../support/stack/create-database.ts'
import { underAttack } from './support/under-attack.ts'
import { startWorld, TOPICS } from './support/world.ts'

const world = await startWorld({ BANLIST_DB: await createDatabase() })
afterAll(world.print)

/** As an operator does it. */
async function ban(subject: string): Promise<void> {
  const { code, stderr } = await runBridge(['bans', 'add', subject], world.node.environment)
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) })
}

async function firstPeerId(peerIds: () => string[]): Promise<string> {
  return eventually(() => peerIds()[0], { timeoutMs: 10_000 })
}

test('a banned peer on a new connection', async () => {
  const row = { name: 'a banned peer on new connections', attack: 'comeAgain', seenAs: ['banned:accept'] }
  const seen = await underAttack(world, row, {
    localAddress: '127.0.2.1',
    prepare: async (attacker) => ban(await firstPeerId(attacker.peerIds)),
  })
  expect(seen.get('banned:accept')).toBeGreaterThan(1)
})

test('new identities at a banned address', async () => {
  const row = { name: 'new identities at a banned address', attack: 'newIdentities', seenAs: ['banned:accept'] }
  await underAttack(world, row, { localAddress: '127.0.2.2', prepare: () => ban('127.0.2.2') })
})

test('a banned peer through an honest relay', async () => {
  const relay = await startBareNode([TOPICS.subtree])
  await relay.dial(multiaddr(world.node.multiaddr))
  await eventually(() => relay.services.pubsub.getMeshPeers(TOPICS.subtree).length > 0, { timeoutMs: 10_000 })
  const row = { name: 'a banned peer through an honest relay', attack: 'comeAgain', seenAs: ['verdict:banned'] }
  await underAttack(world, row, {
    localAddress: '127.0.2.3',
    target: relay.getMultiaddrs()[0]?.toString() ?? '',
    prepare: async (attacker) => ban(await firstPeerId(attacker.peerIds)),
  })
  // The relay is not to blame.
  expect(relay.getConnections().map(({ remotePeer }) => remotePeer.toString())).toContain(world.node.peerId)
})
