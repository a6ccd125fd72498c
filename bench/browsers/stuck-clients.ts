import type { Bench, Figure } from '../support/bench.ts'
import { median } from '../support/measure/numbers.ts'
import { runs } from '../support/runs.ts'
import { sumOf } from '../support/scrape.ts'
import { startCrowd, subscriptionOf } from './crowds.ts'
import { startEdge } from './feed-server.ts'
import { startLiveClients } from './live-clients.ts'

const CLIENTS = 990
const STUCK = 10
/** High enough that stuck clients fill the buffers of the kernel (some 4 MB), and then ours, within a window. */
const RATE = 1_200
const SECONDS = 20
const RUNS = runs(3)
const WARM_SECONDS = 5

export const stuckClients: Bench = {
  name: 'browsers-stuck',
  title: `${CLIENTS} clients at ${RATE} events/s, without and with ${STUCK} more that read nothing`,
  doesNotProve: 'anything about clients that read slowly rather than not at all, nor about those of other machines',
  isLong: true,
  async run(context): Promise<Figure[]> {
    const edge = await startEdge(context)
    const live = await startLiveClients(edge, { clients: CLIENTS, ratePerSecond: RATE }, context)
    await live.watch(WARM_SECONDS)
    const [without, beside]: [number[], number[]] = [[], []]
    for (let run = 1; run <= RUNS; run++) {
      without.push((await live.watch(SECONDS)).p99Ms)
      const stuck = await startCrowd(edge, { areStuck: true }, context)
      await stuck.arrive({ clients: STUCK, subscription: subscriptionOf(edge) })
      beside.push((await live.watch(SECONDS)).p99Ms)
      stuck.drop()
      context.say(`run ${run}: p99 ${without.at(-1)?.toFixed(1)} ms without, ${beside.at(-1)?.toFixed(1)} ms with`)
    }
    const cut = await sumOf(edge.healthPort ?? 0, 'bridge_browser_closed_total{cause="slow"}')
    // Until then the kernel holds what they do not read: they cost the bridge nothing, and the run proves nothing.
    if (cut === 0) throw new Error('no stuck client has filled the buffers')
    return [
      {
        what: 'p99 of the other clients',
        measured: median(beside),
        unit: 'ms',
        baseline: median(without),
        ratio: median(beside) / median(without),
        target: { of: 'ratio', bound: 'at most', value: 1.25 },
      },
      { what: `stuck clients that were closed, of ${STUCK * RUNS}`, measured: cut, unit: 'clients' },
    ]
  },
}
