import type { Bench, BenchContext, Figure } from '../support/bench.ts'
import { percentile } from '../support/measure/numbers.ts'
import { buildGoRelay, startGoPair } from './go-relay.ts'
import { type Outcome, type RelayMeter, startRelayMeter } from './relay-load.ts'
import { ENOUGH_QUEUE, type RelayPair, startBridgePair } from './relay-pair.ts'

const WARM_UP = { name: 'warm-up', count: 10_000, ratePerSecond: 500 }
const BURST = { name: 'burst', count: 20_000, ratePerSecond: 0 }
const SEARCH_STEPS = 5
const SEARCH_SECONDS = 15
const PROOF_SECONDS = 60
const PROOFS = 6
const LESS = 0.93
/** What the latest messages of a load may have waited. A rate that is two percent too high makes more of it in a minute. */
const MAX_LAG_MS = 1000
const LATEST_SHARE = 0.1

export const relayHighest: Bench = {
  name: 'relay-highest',
  title: `Kafka -> gossip -> log: the highest rate that is carried for ${PROOF_SECONDS} s without a growing lag, two bridges against two bare relays in Go`,
  doesNotProve: 'that it is carried for an hour, nor beside other work; producer, reader and broker share the cores with both',
  isLong: true,
  async run(context): Promise<Figure[]> {
    const program = await buildGoRelay(context.say)
    const bare = program === undefined ? undefined : await highestOf(await startGoPair({ program, queue: ENOUGH_QUEUE }, context), context)
    const bridge = await highestOf(await startBridgePair(context), context)
    return [
      {
        what: `highest rate carried${bare === undefined ? ' (no Go here)' : ''}`,
        measured: bridge,
        unit: 'msg/s',
        ...(bare !== undefined && { baseline: bare, ratio: bridge / bare, target: { of: 'ratio', bound: 'at least', value: 0.8 } }),
      },
    ]
  },
}

async function highestOf(pair: RelayPair, context: BenchContext): Promise<number> {
  const meter = await startRelayMeter(pair, context)
  const say = (rate: number, outcome: Outcome) =>
    context.say(`${pair.name}, ${rate} msg/s: ${isCarried(outcome) ? 'carried' : 'not carried'}, lag ${lagMs(outcome).toFixed(0)} ms`)
  await meter.run(WARM_UP)
  const { arrived, wholeMs } = await meter.run(BURST)
  const throughput = (arrived * 1000) / wholeMs
  let rate = await searched(meter, throughput, say)
  for (let proof = 0; proof < PROOFS; proof++, rate = Math.round(rate * LESS)) {
    const outcome = await meter.run(load(rate, PROOF_SECONDS))
    say(rate, outcome)
    if (!isCarried(outcome)) continue
    await meter.stop()
    await pair.stop()
    return rate
  }
  throw new Error(`${pair.name} carries no rate down to ${rate} msg/s for ${PROOF_SECONDS} s`)
}

/** By bisection around the throughput of a burst, with short loads. */
async function searched(meter: RelayMeter, throughput: number, say: (rate: number, outcome: Outcome) => void): Promise<number> {
  let [low, high] = [throughput * 0.2, throughput * 1.2]
  for (let step = 0; step < SEARCH_STEPS; step++) {
    const rate = Math.round((low + high) / 2)
    const outcome = await meter.run(load(rate, SEARCH_SECONDS))
    say(rate, outcome)
    if (isCarried(outcome)) low = rate
    else high = rate
  }
  return Math.round(low)
}

const load = (rate: number, seconds: number) => ({ name: `${rate}`, count: rate * seconds, ratePerSecond: rate })

function isCarried(outcome: Outcome): boolean {
  return outcome.arrived === outcome.sent && lagMs(outcome) <= MAX_LAG_MS
}

/** How long the latest messages took, in the middle. */
function lagMs({ latenciesMs }: Outcome): number {
  return percentile(latenciesMs.slice(-Math.ceil(latenciesMs.length * LATEST_SHARE)), 0.5)
}
