import { startBridgeProcess } from '../../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createNodeTopics } from '../../support/bridge/node-environment.ts'
import { type Figure, printFigures } from './figures.ts'
import { startHonestPeer } from './honest-peer.ts'
import { listenForDials } from './others-address.ts'
import { buildAttacker } from './start-attacker.ts'

export const TOPICS = {
  block: 'bitcoin/regtest-block',
  subtree: 'bitcoin/regtest-subtree',
  rejectedTx: 'bitcoin/regtest-rejected_tx',
  handshake: 'bitcoin/regtest-handshake',
}

/** A bridge as a process, an honest peer, and somebody else's port; for a whole test file. */
export async function startWorld(environment: Record<string, string> = {}) {
  buildAttacker()
  const node = await createNodeEnvironment(environment)
  await createNodeTopics(node)
  const bridge = startBridgeProcess(node.environment)
  await bridge.ready()
  const honest = await startHonestPeer(node, TOPICS.block)
  await honest.announce(1000)
  const figures: Figure[] = []
  return {
    node,
    bridge,
    honest,
    other: await listenForDials(),
    figures,
    /** The peer ids of all attackers so far. */
    attackers: new Set<string>(),
    print: () => printFigures(figures),
  }
}

export type World = Awaited<ReturnType<typeof startWorld>>
