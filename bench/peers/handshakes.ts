import { setTimeout as pause } from 'node:timers/promises'
import type { Handshaken } from '../programs/peers.ts'
import type { Bench, BenchContext, Figure } from '../support/bench.ts'
import { createNode, startBridge } from '../support/bridge.ts'
import { median } from '../support/measure/numbers.ts'
import { runs } from '../support/runs.ts'
import { withScope } from '../support/scope.ts'
import { GOSSIP_TOPICS, HANDSHAKE_TOPIC, PEERS_OF_ONE_ADDRESS, startPeers } from './start-peers.ts'

const HANDSHAKEN = 50
const RUNS = runs(3)

export const handshakes: Bench = {
  name: 'handshakes',
  title: `${HANDSHAKEN} peers that connect within a second, until each has the bridge's version and verack`,
  doesNotProve: 'handshakes with nodes far away; the peers share two cores with the bridge',
  async run(context): Promise<Figure[]> {
    const settled: number[] = []
    const [few, many] = [await handshake(HANDSHAKEN / 2, context), await handshake(HANDSHAKEN, context)]
    settled.push(many.settledAfterMs)
    for (let run = 1; run < RUNS; run++) settled.push((await handshake(HANDSHAKEN, context)).settledAfterMs)
    const each = ({ objects, published }: Handshaken, peers: number) => (objects + published) / peers
    return [
      {
        what: 'first dial -> last handshake done',
        measured: median(settled) / 1000,
        unit: 's',
        target: { of: 'measured', bound: 'at most', value: 3 },
      },
      {
        what: `messages to each peer, against half as many peers`,
        measured: each(many, HANDSHAKEN),
        unit: 'messages',
        baseline: each(few, HANDSHAKEN / 2),
        ratio: each(many, HANDSHAKEN) / each(few, HANDSHAKEN / 2),
        target: { of: 'ratio', bound: 'at most', value: 1.1 },
      },
    ]
  },
}

/** A bridge of its own, so that nothing of the run before is counted. */
function handshake(count: number, context: BenchContext): Promise<Handshaken> {
  return withScope(async (scope) => {
    const own = { ...context, scope }
    const node = await createNode(own)
    await startBridge(node, PEERS_OF_ONE_ADDRESS, own)
    const peers = await startPeers(
      { count, topics: GOSSIP_TOPICS, handshakeTopic: HANDSHAKE_TOPIC, bridge: node.multiaddr, withinMs: 1000 },
      own,
    )
    peers.tell('connect')
    const { settledAfterMs } = await peers.hear<Handshaken>('connected')
    await pause(2000) // a message too many comes within a second
    peers.tell('count')
    const counts = await peers.hear<Handshaken>('counted')
    context.say(
      `${count} peers: ${(settledAfterMs / 1000).toFixed(2)} s, ${counts.objects} objects, ${counts.published} messages on topics`,
    )
    return { ...counts, settledAfterMs }
  })
}
