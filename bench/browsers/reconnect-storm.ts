import { setTimeout as pause } from 'node:timers/promises'
import type { Bench, BenchContext, Figure } from '../support/bench.ts'
import { median } from '../support/measure/numbers.ts'
import { cpuSeconds } from '../support/measure/process-cost.ts'
import { runs } from '../support/runs.ts'
import { startCrowd, subscriptionOf } from './crowds.ts'
import { type FeedServer, startBareFeed, startEdge } from './feed-server.ts'
import { startLiveClients } from './live-clients.ts'
import { newestCursor } from './newest-cursor.ts'

const CLIENTS = 5_000
const RUNS = runs(3)
/** After it, the server's rate of new clients (`ws_upgrades_per_second`) takes as many at once again. */
const REST_MS = 4_000

export const reconnectStorm: Bench = {
  name: 'browsers-storm',
  title: `${CLIENTS} clients are cut off, and all of them connect again and resume at once`,
  doesNotProve:
    'anything about TLS, whose handshakes cost far more; nor about clients far away; the clients share two cores with the server and take about as much of them',
  isLong: true,
  async run(context): Promise<Figure[]> {
    const bare = await measure(await startBareFeed(context), null, context)
    const edge = await startEdge(context)
    const live = await startLiveClients(edge, { clients: 1, ratePerSecond: 100 }, context)
    await live.fill(100)
    const bridge = await measure(edge, await newestCursor(edge.port), context)
    return [
      {
        what: `${CLIENTS} clients cut off -> all caught up`,
        measured: bridge.ms,
        unit: 'ms',
        baseline: bare.ms,
        target: { of: 'measured', bound: 'at most', value: 600 },
      },
      { what: 'CPU of the server for it', measured: bridge.cpuMs, unit: 'ms', baseline: bare.cpuMs },
    ]
  },
}

interface Storm {
  readonly ms: number
  readonly cpuMs: number
}

/** With a cursor, clients resume from it. Without one they are there with the upgrade. */
async function measure(server: FeedServer, cursor: string | null, context: BenchContext): Promise<Storm> {
  const crowd = await startCrowd(server, {}, context)
  await crowd.arrive({ clients: CLIENTS, subscription: subscriptionOf(server) })
  const storms: Storm[] = []
  for (let run = 1; run <= RUNS; run++) {
    await pause(REST_MS)
    const before = cpuSeconds(server.pid)
    crowd.drop()
    const { ms } = await crowd.arrive({ clients: CLIENTS, subscription: subscriptionOf(server, { cursor }), isStorm: true })
    storms.push({ ms, cpuMs: (cpuSeconds(server.pid) - before) * 1000 })
    context.say(`run ${run}: ${server.form} ${ms.toFixed(0)} ms`)
  }
  await server.stop()
  return { ms: median(storms.map(({ ms }) => ms)), cpuMs: median(storms.map(({ cpuMs }) => cpuMs)) }
}
