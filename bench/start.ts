import { setTimeout as pause } from 'node:timers/promises'
import { toEventRecord } from '../src/events/entries/event-record.ts'
import { DATA_HUB_URL, randomHash } from './support/announcements.ts'
import type { Bench, BenchContext, Figure, Target } from './support/bench.ts'
import { type BenchNode, createNode, startBridge } from './support/bridge.ts'
import { benchCodec } from './support/codec.ts'
import { connectKafka, startProducer } from './support/kafka/kafka-client.ts'
import { median } from './support/measure/numbers.ts'
import { cpuSeconds } from './support/measure/process-cost.ts'
import { runs } from './support/runs.ts'
import { scrape } from './support/scrape.ts'

const RUNS = runs(5)
/** Ten minutes, the window of log time that a start reads back, at 500 events per second. */
const FULL_LOG_EVENTS = 300_000
const EVENTS_AT_ONCE = 5000
const CATCH_UP_MS = 180_000
const AT_MOST_2_S: Target = { of: 'measured', bound: 'at most', value: 2 }

export const start: Bench = {
  name: 'start',
  title: 'start of the process -> ready, with Kafka up and the topics there',
  doesNotProve: 'the start with a database, or with group.initial.rebalance.delay.ms at its default, which adds 3 s',
  async run(context): Promise<Figure[]> {
    const node = await createNode(context)
    const empty = await readyAfter(node, context)
    await fillEventLog(node, context)
    await validateBacklog(node, context)
    const full = await readyAfter(node, context)
    return [
      { what: 'start to ready', measured: empty, unit: 's', target: AT_MOST_2_S },
      { what: `the same with ${FULL_LOG_EVENTS.toLocaleString('en')} events to read back`, measured: full, unit: 's', target: AT_MOST_2_S },
    ]
  },
}

async function readyAfter(node: BenchNode, context: BenchContext): Promise<number> {
  const times: number[] = []
  const costs: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const bridge = await startBridge(node, {}, context)
    times.push(bridge.readyAfterMs / 1000)
    costs.push(cpuSeconds(bridge.pid))
    await bridge.stop()
  }
  const text = (values: readonly number[]) => values.map((value) => value.toFixed(2)).join(', ')
  context.say(`runs: ${text(times)} s, with ${text(costs)} s of CPU`)
  return median(times)
}

async function fillEventLog({ bridgeId, peerId, topic }: BenchNode, { kafka }: BenchContext): Promise<void> {
  const codec = benchCodec()
  const producer = await startProducer(connectKafka(kafka.brokers))
  const common = { network: 'regtest', bridgeId, origin: 'network', peerId, type: 'subtree' } as const
  const createRecord = () => {
    const subtree = { hash: randomHash(), dataHubUrl: DATA_HUB_URL }
    return toEventRecord({ ...common, id: randomHash().slice(0, 32), receivedAt: Date.now(), subtree }, codec)
  }
  for (let written = 0; written < FULL_LOG_EVENTS; written += EVENTS_AT_ONCE) {
    await producer.sendAll(topic('p2p-events'), Array.from({ length: EVENTS_AT_ONCE }, createRecord), { partition: 0 })
  }
  await producer.stop()
}

/** In operation the events before a restart have been validated; here a first start does it. */
async function validateBacklog(node: BenchNode, context: BenchContext): Promise<void> {
  const bridge = await startBridge(node, {}, context)
  const lag = `bridge_group_lag_records{group="${node.bridgeId}.log",topic="${node.topic('p2p-events')}",partition="0"}`
  for (const until = performance.now() + CATCH_UP_MS; (await scrape(node.healthPort)).get(lag) !== 0; await pause(500)) {
    if (performance.now() > until) throw new Error(`the events were not validated within ${CATCH_UP_MS} ms`)
  }
  await bridge.stop()
}
