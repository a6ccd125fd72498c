import type { Bench, Figure } from '../support/bench.ts'
import { cpuSeconds } from '../support/measure/process-cost.ts'
import { startCrowd, subscriptionOf } from './crowds.ts'
import { startEdge } from './feed-server.ts'
import { startLiveClients } from './live-clients.ts'
import { newestCursor } from './newest-cursor.ts'

const CLIENTS = 1_000
const EVENTS = 10_000
const LIVE_CLIENTS = 200
const LIVE_RATE = 100
/** After the filling, which leaves garbage and full buffers. */
const WARM_SECONDS = 5
const QUIET_SECONDS = 8
const LONGEST_SECONDS = 60

export const lateClients: Bench = {
  name: 'browsers-late',
  title: `${CLIENTS} clients return at once with cursors ${EVENTS} events old, beside ${LIVE_CLIENTS} live ones at ${LIVE_RATE} events/s`,
  doesNotProve: 'anything about TLS or clients far away; the clients share two cores with the server, which sends them 3.3 GB',
  isLong: true,
  async run(context): Promise<Figure[]> {
    const edge = await startEdge(context)
    const live = await startLiveClients(edge, { clients: LIVE_CLIENTS, ratePerSecond: LIVE_RATE }, context)
    await live.fill(100)
    const cursor = await newestCursor(edge.port)
    await live.fill(EVENTS)
    await live.watch(WARM_SECONDS)
    const quiet = await live.watch(QUIET_SECONDS)
    const crowd = await startCrowd(edge, {}, context)
    const before = cpuSeconds(edge.pid)
    const arrival = { clients: CLIENTS, subscription: subscriptionOf(edge, { cursor }), isStorm: true }
    const busy = await live.watch(LONGEST_SECONDS, () => crowd.arrive(arrival, LONGEST_SECONDS * 1000))
    const cpu = cpuSeconds(edge.pid) - before
    if (!busy.result) throw new Error(`the clients have not caught up within ${LONGEST_SECONDS} s`)
    const { ms, events } = busy.result
    if (events < CLIENTS * EVENTS) throw new Error(`the clients have got ${events} events, at least ${CLIENTS * EVENTS} were missed`)
    return [
      {
        what: 'all have caught up after',
        measured: ms / 1000,
        unit: 's',
        target: { of: 'measured', bound: 'at most', value: 20 },
      },
      {
        what: 'live clients meanwhile, p99',
        measured: busy.p99Ms,
        unit: 'ms',
        baseline: quiet.p99Ms,
        target: { of: 'measured', bound: 'at most', value: 200 },
      },
      { what: 'CPU per million deliveries', measured: (cpu * 1e6) / events, unit: 's' },
    ]
  },
}
