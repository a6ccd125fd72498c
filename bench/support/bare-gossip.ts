import { startLoadCost } from '../profile/load-cost.ts'
import type { Published, PublisherOptions } from '../programs/gossip-publisher.ts'
import type { SubscriberOptions } from '../programs/gossip-subscriber.ts'
import type { BenchContext } from './bench.ts'
import { ratePerSecond } from './measure/numbers.ts'
import { type Program, startProgram } from './program.ts'

/** The topic of the benches' bridges. */
export const SUBTREE_TOPIC = 'bitcoin/regtest-subtree'
export const BLOCK_TOPIC = 'bitcoin/regtest-block'

export async function startSubscriber(options: SubscriberOptions, context: BenchContext): Promise<{ program: Program; multiaddr: string }> {
  const program = await startProgram('gossip-subscriber', options, context)
  return { program, multiaddr: await program.hear<string>('listening') }
}

/** Resolves when it is connected and ready to start. */
export async function startPublisher(options: PublisherOptions, context: BenchContext): Promise<Program> {
  const program = await startProgram('gossip-publisher', options, context)
  await program.hear('connected')
  return program
}

export interface BareRun {
  /** Between the arrivals of the first one after the warm-up and of the last. */
  readonly messagesPerSecond: number
  /** Of all messages, from the publishing of the first to the arrival of the last. */
  readonly wholePerSecond: number
  /** CPU time of the receiver for each message, in milliseconds. */
  readonly cpuMs: number
  /** From the call of publish to the arrival. */
  readonly latenciesMs: readonly number[]
}

/** One program publishes from memory, another one receives: the performance of js-libp2p alone. */
export async function runBareGossip(
  options: Omit<PublisherOptions, 'peers'> & { readonly warmUp: number },
  context: BenchContext,
): Promise<BareRun> {
  const { program: subscriber, multiaddr } = await startSubscriber({ topic: options.topic, count: options.count }, context)
  const publisher = await startPublisher({ ...options, peers: [multiaddr] }, context)
  const cost = startLoadCost({ name: 'bare', role: 'receiver', pid: subscriber.pid, messages: options.count })
  publisher.tell('go')
  const arrivals = await subscriber.hear<number[]>('all')
  const { times } = await publisher.hear<Published>('published')
  const cpuMs = cost()
  await Promise.all([publisher.stop(), subscriber.stop()])
  return {
    cpuMs,
    messagesPerSecond: ratePerSecond(arrivals, options.warmUp),
    wholePerSecond: (options.count * 1000) / ((arrivals.at(-1) ?? Number.NaN) - (times[0] ?? Number.NaN)),
    latenciesMs: arrivals.map((time, index) => time - (times[index] ?? Number.NaN)).slice(options.warmUp),
  }
}
