import type { BenchContext } from '../support/bench.ts'
import { createNode, startBridge } from '../support/bridge.ts'

/** One of the two processes that relay. */
export interface RelayProcess {
  readonly pid: number
  /** Where its metrics are, if it has any. */
  readonly healthPort?: number
}

/** Two relays that are neighbours: what is written into the in-topic of one ends in the out-topic of the other. */
export interface RelayPair {
  readonly name: string
  readonly inTopic: string
  readonly outTopic: string
  readonly sender: RelayProcess
  readonly receiver: RelayProcess
  stop(): Promise<void>
}

/** Length of the queues of a bare relay that loses nothing of a burst of 20,000: go-libp2p-pubsub has a few, each drops when it is full. */
export const ENOUGH_QUEUE = 65_536

const SETTINGS = { ROLES: 'relay' }

/** Two bridges; the out-topic is the event log of the second. */
export async function startBridgePair(context: BenchContext): Promise<RelayPair> {
  const [from, to] = [await createNode(context), await createNode(context)]
  const receiver = await startBridge(to, SETTINGS, context)
  const sender = await startBridge(from, { ...SETTINGS, P2P_STATIC_PEERS: to.multiaddr }, context)
  return {
    name: 'bridge',
    inTopic: from.topic('blockchain-notifications'),
    outTopic: to.topic('p2p-events'),
    sender: { pid: sender.pid, healthPort: from.healthPort },
    receiver: { pid: receiver.pid, healthPort: to.healthPort },
    stop: async () => void (await Promise.all([sender.stop(), receiver.stop()])),
  }
}
