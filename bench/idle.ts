import { setTimeout as pause } from 'node:timers/promises'
import { SUBTREE_TOPIC, startSubscriber } from './support/bare-gossip.ts'
import type { Bench } from './support/bench.ts'
import { createNode, startBridge } from './support/bridge.ts'
import { cpuSeconds, residentMegabytes } from './support/measure/process-cost.ts'
import { sumOf } from './support/scrape.ts'

/** Within two minutes the CPU of an idle bridge halves: V8 has compiled what it runs by then (bench/README.md). */
const SETTLE_MS = 120_000
const WINDOW_MS = 20_000

export const idle: Bench = {
  name: 'idle',
  title: 'a bridge with nothing to do, joined to Kafka and to one peer',
  doesNotProve: 'memory after traffic (buffers and what was seen grow within their bounds), nor what many idle peers or browsers cost',
  async run(context) {
    const node = await createNode(context)
    const { program: peer, multiaddr } = await startSubscriber({ topic: SUBTREE_TOPIC, count: 1 }, context)
    const bridge = await startBridge(node, { P2P_STATIC_PEERS: multiaddr }, context)
    await pause(SETTLE_MS)
    const pids = [bridge.pid, peer.pid]
    const before = pids.map(cpuSeconds)
    await pause(WINDOW_MS)
    const [cpu = Number.NaN, bareCpu = Number.NaN] = pids.map(cpuSeconds).map((after, index) => percentOfCore(after - (before[index] ?? 0)))
    // Without a connection both would be idle for another reason.
    if ((await sumOf(node.healthPort, 'bridge_gossip_peers')) !== 1) throw new Error('the bridge and the peer are not connected')
    const [memory = Number.NaN, bareMemory = Number.NaN] = pids.map(residentMegabytes)
    return [
      { what: 'CPU', measured: cpu, unit: '% of a core', baseline: bareCpu, target: { of: 'measured', bound: 'at most', value: 2 } },
      { what: 'memory', measured: memory, unit: 'MB', baseline: bareMemory, target: { of: 'measured', bound: 'at most', value: 150 } },
    ]
  },
}

function percentOfCore(cpuSecondsUsed: number): number {
  return (cpuSecondsUsed * 100_000) / WINDOW_MS
}
