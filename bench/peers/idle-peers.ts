import { setTimeout as pause } from 'node:timers/promises'
import type { Bench, Figure } from '../support/bench.ts'
import { type BenchBridge, type BenchNode, createNode, startBridge } from '../support/bridge.ts'
import { median } from '../support/measure/numbers.ts'
import { cpuSeconds, residentMegabytes } from '../support/measure/process-cost.ts'
import type { Program } from '../support/program.ts'
import { sumOf } from '../support/scrape.ts'
import { GOSSIP_TOPICS, PEERS_OF_ONE_ADDRESS, startPeers } from './start-peers.ts'

const PEERS = 100
/**
 * By then V8's young generation has been filled once, whatever the bridge does: before that, a bridge that nobody connects to grows too, and
 * what it grows by would be laid to the peers.
 */
const SETTLE_MS = 30_000
const WINDOW_MS = 15_000
const SAMPLES = 15
const CONNECT_WITHIN_MS = 5000

export const idlePeers: Bench = {
  name: 'idle-peers',
  title: `a bridge with nothing to do and ${PEERS} connected peers, against the same bridge with none`,
  doesNotProve:
    'what their traffic costs; nor memory to some hundreds of KB, since the collector decides when garbage goes and when memory is given back',
  async run(context): Promise<Figure[]> {
    const node = await createNode(context)
    const bridge = await startBridge(node, PEERS_OF_ONE_ADDRESS, context)
    const options = { count: PEERS, topics: GOSSIP_TOPICS, bridge: node.multiaddr, withinMs: CONNECT_WITHIN_MS }
    const [first, more] = [await startPeers(options, context), await startPeers(options, context)]
    const alone = await costOf(bridge)
    const joined = await costAfter(first, bridge)
    await expectPeers(PEERS, node)
    const twice = await costAfter(more, bridge)
    await expectPeers(2 * PEERS, node)
    const each = (from: Cost, to: Cost) => ((to.megabytes - from.megabytes) * 1024) / PEERS
    return [
      {
        what: `CPU with ${PEERS} peers`,
        measured: joined.cpuPercent,
        unit: '% of a core',
        baseline: alone.cpuPercent,
        target: { of: 'measured', bound: 'at most', value: 8 },
      },
      { what: `memory for each of the first ${PEERS}`, measured: each(alone, joined), unit: 'KB' },
      {
        what: `memory for each of ${PEERS} more`,
        measured: each(joined, twice),
        unit: 'KB',
        target: { of: 'measured', bound: 'at most', value: 250 },
      },
    ]
  },
}

/** Peers that went would cost nothing. */
async function expectPeers(count: number, { healthPort }: BenchNode): Promise<void> {
  const connected = await sumOf(healthPort, 'bridge_gossip_peers')
  if (connected !== count) throw new Error(`${connected} of ${count} peers are connected`)
}

interface Cost {
  readonly cpuPercent: number
  readonly megabytes: number
}

async function costAfter(peers: Program, bridge: BenchBridge): Promise<Cost> {
  peers.tell('connect')
  await peers.hear('connected')
  return costOf(bridge)
}

/** CPU and memory over a window, after a time in which all that goes with a start or with new peers is done. */
async function costOf({ pid }: BenchBridge): Promise<Cost> {
  await pause(SETTLE_MS)
  const before = cpuSeconds(pid)
  const resident: number[] = []
  for (let sample = 0; sample < SAMPLES; sample++) {
    await pause(WINDOW_MS / SAMPLES)
    resident.push(residentMegabytes(pid))
  }
  return { cpuPercent: ((cpuSeconds(pid) - before) * 100_000) / WINDOW_MS, megabytes: median(resident) }
}
