import type { PeersOptions } from '../programs/peers.ts'
import type { BenchContext } from '../support/bench.ts'
import { type Program, startProgram } from '../support/program.ts'

const PREFIX = 'bitcoin/regtest'

export const HANDSHAKE_TOPIC = `${PREFIX}-handshake`
/** The topics of the benches' bridges. */
export const GOSSIP_TOPICS = [...['block', 'subtree', 'miningon', 'rejected_tx'].map((suffix) => `${PREFIX}-${suffix}`), HANDSHAKE_TOPIC]

/** Settings of a bridge all of whose peers have one address. */
export const PEERS_OF_ONE_ADDRESS = { P2P_MAX_CONNECTIONS_PER_ADDRESS: '300', P2P_MAX_CONNECTIONS: '400' }

/** Starts the peers; they connect when they are told to. */
export async function startPeers(options: PeersOptions, context: BenchContext): Promise<Program> {
  const peers = await startProgram('peers', options, context)
  await peers.hear('started')
  return peers
}
