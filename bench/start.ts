import type { Bench, Figure } from './support/bench.ts'
import { createNode, startBridge } from './support/bridge.ts'
import { median } from './support/measure/numbers.ts'
import { runs } from './support/runs.ts'

const RUNS = runs(5)

export const start: Bench = {
  name: 'start',
  title: 'start of the process -> ready, with Kafka up and the topics there',
  doesNotProve:
    'the start with a full log to read back (a window of 10 minutes), with a database, or with group.initial.rebalance.delay.ms at its default, which adds 3 s',
  async run(context): Promise<Figure[]> {
    const node = await createNode(context)
    const times: number[] = []
    for (let run = 0; run < RUNS; run++) {
      const bridge = await startBridge(node, {}, context)
      times.push(bridge.readyAfterMs / 1000)
      await bridge.stop()
    }
    context.say(`runs: ${times.map((time) => time.toFixed(2)).join(', ')} s`)
    return [{ what: 'start to ready', measured: median(times), unit: 's', target: { of: 'measured', bound: 'at most', value: 2 } }]
  },
}
