import { setTimeout as pause } from 'node:timers/promises'
import type { Bench, BenchContext, Figure } from './support/bench.ts'
import { type BenchNode, createNode, startBridge } from './support/bridge.ts'
import { slopeOf } from './support/measure/numbers.ts'
import { cpuSeconds, residentMegabytes } from './support/measure/process-cost.ts'
import { startNotificationFeed } from './support/notification-feed.ts'
import { scrape, sumOf } from './support/scrape.ts'

/** Messages a second, unless the environment says otherwise. */
const RATE = Number(process.env.BENCH_RATE ?? 300)
const SAMPLE_MS = 15_000
/** Minutes, unless the environment says otherwise. */
const DEFAULT_MINUTES = 6
/** Figures cover the time after this share of the run: before that, buffers and the seen ids grow to their bounds. */
const SETTLING_SHARE = 0.25
const ROLES = 'relay,edge'
/** The last ones are on their way when the run ends. */
const LEAST_HEARD_SHARE = 0.9

interface Sample {
  readonly minute: number
  readonly residentMb: number
  readonly heapUsedMb: number
  readonly heapTotalMb: number
  readonly externalMb: number
  readonly cpuPercent: number
}

/** A watched bridge. */
interface Watched {
  readonly name: string
  readonly pid: number
  readonly node: BenchNode
  readonly samples: Sample[]
  cpuBefore: number
}

export const memory: Bench = {
  name: 'memory',
  title: `memory of two bridges (roles ${ROLES}), Kafka -> gossip -> log at ${RATE} msg/s (BENCH_RATE); BENCH_MINUTES says how long, ${DEFAULT_MINUTES} by default`,
  doesNotProve: 'what browsers, many peers, or kinds other than subtrees and blocks cost; nor anything about what comes after the run',
  isLong: true,
  async run(context): Promise<Figure[]> {
    const minutes = Number(process.env.BENCH_MINUTES ?? DEFAULT_MINUTES)
    const [sender, receiver, written] = await startBoth(context)
    const startedAt = performance.now()
    context.say('| minute | written | bridge | RSS | heap used | heap total | external | CPU |')
    while (performance.now() - startedAt < minutes * 60_000) {
      await pause(SAMPLE_MS)
      const minute = (performance.now() - startedAt) / 60_000
      for (const watched of [sender, receiver]) context.say(row(await sample(watched, minute), watched, written()))
    }
    const heard = await sumOf(receiver.node.healthPort, 'bridge_gossip_verdicts_total')
    if (heard < written() * LEAST_HEARD_SHARE) throw new Error(`the receiver has heard ${heard} of ${written()} notifications`)
    return [sender, receiver].flatMap((watched) => figures(watched, minutes))
  },
}

async function startBoth(context: BenchContext): Promise<[sender: Watched, receiver: Watched, written: () => number]> {
  const [from, to] = [await createNode(context), await createNode(context)]
  const receiver = await startBridge(to, { ROLES }, context)
  const sender = await startBridge(from, { ROLES, P2P_STATIC_PEERS: to.multiaddr }, context)
  const topic = from.topic('blockchain-notifications')
  const { written } = await startNotificationFeed({ brokers: context.kafka.brokers, topic, ratePerSecond: RATE }, context)
  const watch = (name: string, pid: number, node: BenchNode): Watched => ({ name, pid, node, samples: [], cpuBefore: cpuSeconds(pid) })
  return [watch('sender', sender.pid, from), watch('receiver', receiver.pid, to), written]
}

async function sample(watched: Watched, minute: number): Promise<Sample> {
  const metrics = await scrape(watched.node.healthPort)
  const megabytes = (name: string) => (metrics.get(name) ?? Number.NaN) / 2 ** 20
  const cpu = cpuSeconds(watched.pid)
  const taken = {
    minute,
    residentMb: residentMegabytes(watched.pid),
    heapUsedMb: megabytes('nodejs_heap_size_used_bytes'),
    heapTotalMb: megabytes('nodejs_heap_size_total_bytes'),
    externalMb: megabytes('nodejs_external_memory_bytes'),
    cpuPercent: ((cpu - watched.cpuBefore) * 100_000) / SAMPLE_MS,
  }
  watched.cpuBefore = cpu
  watched.samples.push(taken)
  return taken
}

function row({ minute, residentMb, heapUsedMb, heapTotalMb, externalMb, cpuPercent }: Sample, { name }: Watched, written: number): string {
  const cells = [minute.toFixed(2), written, name, ...[residentMb, heapUsedMb, heapTotalMb, externalMb].map((mb) => mb.toFixed(1))]
  return `| ${cells.join(' | ')} | ${cpuPercent.toFixed(1)} % |`
}

function figures({ name, samples }: Watched, minutes: number): Figure[] {
  const settled = samples.filter(({ minute }) => minute >= minutes * SETTLING_SHARE)
  const resident = settled.map(({ residentMb }) => residentMb)
  const growth = slopeOf(settled.map(({ minute, residentMb }) => [minute, residentMb] as const))
  return [
    {
      what: `RSS of the ${name}, most`,
      measured: Math.max(...resident),
      unit: 'MB',
      target: { of: 'measured', bound: 'at most', value: 250 },
    },
    { what: `growth of the ${name}`, measured: growth, unit: 'MB a minute', target: { of: 'measured', bound: 'at most', value: 1 } },
  ]
}
