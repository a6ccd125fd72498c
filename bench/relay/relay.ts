import type { Bench, BenchContext } from '../support/bench.ts'
import { percentile } from '../support/measure/numbers.ts'
import { buildGoRelay, startGoPair } from './go-relay.ts'
import { burstFigures, type Compared, type RateTargets, rateFigures } from './relay-figures.ts'
import { type Load, type Outcome, startRelayMeter } from './relay-load.ts'
import { ENOUGH_QUEUE, type RelayPair, startBridgePair } from './relay-pair.ts'

const DEFAULT_QUEUE = 0
const BURST = 20_000
const SECONDS = 15
const WARM_UP_SECONDS = 20
const WARM_UP_RATE = 500

/** Rates in messages a second, and what the bridge promises of them against the bare relay. */
const RATES = new Map<number, RateTargets>([
  [100, {}],
  [500, { p50: 3, p99: 2, cpu: 1.2 }],
  [1000, { loopDelayMs: 10 }],
  [2000, {}],
])

interface Loads {
  readonly rates: readonly number[]
  readonly hasBurst: boolean
}

export const relay: Bench = benchOf('relay', { rates: [...RATES.keys()], hasBurst: true })

/** Each load alone, in a minute or two: `relay-500`, `relay-burst`. */
export const relayParts: readonly Bench[] = [
  ...[...RATES.keys()].map((rate) => benchOf(`relay-${rate}`, { rates: [rate], hasBurst: false })),
  benchOf('relay-burst', { rates: [], hasBurst: true }),
].map((bench) => ({ ...bench, isLong: true as const }))

function benchOf(name: string, loads: Loads): Bench {
  return {
    name,
    title: 'Kafka -> gossip -> log: two bridges (role relay) against two bare relays in Go (franz-go, go-libp2p-pubsub)',
    doesNotProve:
      'what more neighbours or browsers cost; the bare relay has no event log, validation, bans or proof of what was delivered, and with its default queues it loses messages in bursts; producer, reader and broker share the cores with both',
    async run(context) {
      const program = process.env.BENCH_BARE === '0' ? undefined : await buildGoRelay(context.say)
      const bare =
        program === undefined ? undefined : await outcomesOf(await startGoPair({ program, queue: ENOUGH_QUEUE }, context), loads, context)
      const bridge = await outcomesOf(await startBridgePair(context), loads, context)
      const compared = (load: string): Compared => ({ bridge: required(bridge.get(load)), bare: bare?.get(load) })
      const figures = loads.rates.flatMap((rate) => rateFigures(rate, compared(`${rate}`), RATES.get(rate) ?? {}))
      if (!loads.hasBurst) return figures
      const lostByDefaults = program === undefined ? undefined : await burstByDefaults(program, context)
      return [...figures, ...burstFigures(BURST, compared('burst'), lostByDefaults)]
    },
  }
}

/** One pair, warm, under one load after the other. */
async function outcomesOf(pair: RelayPair, { rates, hasBurst }: Loads, context: BenchContext): Promise<ReadonlyMap<string, Outcome>> {
  const meter = await startRelayMeter(pair, context)
  const outcomes = new Map<string, Outcome>()
  const run = async (load: Load) => {
    const outcome = await meter.run(load)
    outcomes.set(load.name, outcome)
    context.say(`${pair.name}, ${load.name}: ${textOf(outcome)}`)
  }
  const warmUpRate = rates.length === 1 ? Math.min(WARM_UP_RATE * 2, rates[0] ?? WARM_UP_RATE) : WARM_UP_RATE
  await run({ ...steady(warmUpRate, WARM_UP_SECONDS), name: 'warm-up' })
  for (const rate of rates) await run(steady(rate, SECONDS))
  if (hasBurst) await run({ name: 'burst', count: BURST, ratePerSecond: 0 })
  await meter.stop()
  await pair.stop()
  return outcomes
}

/** How many messages of a burst are lost with the default queues of go-libp2p-pubsub. */
async function burstByDefaults(program: string, context: BenchContext): Promise<number> {
  const outcomes = await outcomesOf(await startGoPair({ program, queue: DEFAULT_QUEUE }, context), { rates: [], hasBurst: true }, context)
  const { sent, arrived } = required(outcomes.get('burst'))
  return sent - arrived
}

const steady = (rate: number, seconds: number): Load => ({ name: `${rate}`, count: rate * seconds, ratePerSecond: rate })

function required(outcome: Outcome | undefined): Outcome {
  if (!outcome || outcome.arrived === 0) throw new Error('nothing came through a relay')
  return outcome
}

function textOf({ sent, arrived, repeated, latenciesMs, sender, receiver, firstMs, wholeMs, longestGapMs }: Outcome): string {
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(latenciesMs, share).toFixed(1))
  const cost = [sender, receiver].map(
    ({ cpuMs, residentMb, loopDelayMs }) =>
      `${cpuMs.toFixed(3)} ms, ${residentMb.toFixed(0)} MB${loopDelayMs === undefined ? '' : `, loop ${loopDelayMs.toFixed(1)} ms`}`,
  )
  const times = `first ${firstMs.toFixed(0)}, all ${wholeMs.toFixed(0)}, longest gap ${longestGapMs.toFixed(0)} ms`
  return `${arrived} of ${sent}, ${repeated} repeated; p50 ${p50}, p99 ${p99} ms; sender ${cost[0]}; receiver ${cost[1]}; ${times}`
}
