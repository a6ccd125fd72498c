import type { HistoryClientsOptions, HistoryReport } from '../programs/history-clients.ts'
import type { Bench, Figure } from '../support/bench.ts'
import { cpuSeconds } from '../support/measure/process-cost.ts'
import { startProgram } from '../support/program.ts'
import { startEdge } from './feed-server.ts'
import { startLiveClients } from './live-clients.ts'
import { newestCursor } from './newest-cursor.ts'

const ASKERS = 20
const EACH_PER_SECOND = 10
const EVENTS = 30_000
const LIVE_CLIENTS = 200
const LIVE_RATE = 100
const SECONDS = 15
/** After the filling, which leaves garbage and full buffers. */
const WARM_SECONDS = 5

export const historyRequests: Bench = {
  name: 'browsers-history',
  title: `${ASKERS * EACH_PER_SECOND} requests for the past a second from ${ASKERS} clients, beside ${LIVE_CLIENTS} live ones at ${LIVE_RATE} events/s`,
  doesNotProve: 'anything about an event log of which only a part is in memory of the broker; nor about clients far away',
  isLong: true,
  async run(context): Promise<Figure[]> {
    const edge = await startEdge(context)
    const live = await startLiveClients(edge, { clients: LIVE_CLIENTS, ratePerSecond: LIVE_RATE }, context)
    await live.fill(EVENTS)
    const cursor = await newestCursor(edge.port)
    await live.fill(5_000)
    await live.watch(WARM_SECONDS)
    const quiet = await live.watch(SECONDS)
    const options: HistoryClientsOptions = {
      port: edge.port,
      clients: ASKERS,
      requestsPerSecond: EACH_PER_SECOND,
      subscriptions: [
        { types: ['ban'], last: 1 },
        { types: ['rejected-tx'], last: 100 },
        { types: ['block', 'subtree'], last: 10 },
        { types: ['rejected-tx'], cursor, last: 100 },
        { types: ['rejected-tx'], filter: { hashPrefix: '00' }, last: 1000 },
        { types: ['rejected-tx'], since: Date.now() - SECONDS * 1000, last: 10 },
      ],
    }
    const askers = await startProgram('history-clients', options, context)
    await askers.hear('ready')
    const before = cpuSeconds(edge.pid)
    askers.tell('go')
    const busy = await live.watch(SECONDS)
    askers.tell('report')
    const { asked, answered, events, closed } = await askers.hear<HistoryReport>('report')
    const cpu = cpuSeconds(edge.pid) - before
    context.say(
      `asked ${asked}, answered ${answered} with ${events} events, closed ${closed}, ${((cpu / SECONDS) * 100).toFixed(0)} % of a core`,
    )
    if (events === 0) throw new Error('the clients that ask for the past have got nothing')
    return [
      {
        what: 'live clients, p99',
        measured: busy.p99Ms,
        unit: 'ms',
        baseline: quiet.p99Ms,
        target: { of: 'measured', bound: 'at most', value: 100 },
      },
      {
        what: 'requests that are answered, share',
        measured: answered / asked,
        unit: '',
        target: { of: 'measured', bound: 'at least', value: 0.95 },
      },
      { what: 'clients closed', measured: closed, unit: 'clients', target: { of: 'measured', bound: 'at most', value: 0 } },
    ]
  },
}
