import { randomInt } from 'node:crypto'
import { type Command, InvalidArgumentError } from 'commander'
import type { Settings } from '../config/settings.ts'
import { topicNames } from '../config/topic-names.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import { ANNOUNCEMENT_TOPICS } from '../messages/topics.ts'
import { traceOfEnvironment } from '../messages/trace-context.ts'
import { type CliContext, CommandError } from './context.ts'
import { type Played, play } from './simulator/play.ts'
import { type SimulatedEvent, type SimulationOptions, simulate } from './simulator/simulation.ts'

interface SimulateFlags extends Omit<SimulationOptions, 'seed' | 'miners'> {
  readonly node?: string[]
  readonly seed?: string
  readonly for?: number
  readonly networkIsATest?: boolean
  readonly json?: boolean
}

const MAX_UNACKNOWLEDGED = 500
const DRAIN_MS = 5000
const MAX_PER_SECOND = 10_000

/** `gossip-bridge simulate`: plays the services of one or several nodes that mine a regtest chain. Other networks need a confirmation. */
export function addSimulateCommand(program: Command, context: CliContext): void {
  program
    .command('simulate')
    .description("Play a node's services: mine a regtest chain and write its announcements into the in-topics")
    .option('--node <topic-prefix>', 'topic prefix of a node that takes part; may be repeated (default: topic_prefix)', append)
    .option('--network-is-a-test', 'confirms that nobody takes part in the network but you; regtest needs no confirmation')
    .option('--for <seconds>', 'length of the simulation (default: until Ctrl-C)', rate)
    .option('--seed <text>', 'the same seed gives the same chain (default: random)')
    .option('--blocks-per-second <rate>', 'blocks that all nodes together find', rate, 0.5)
    .option('--subtrees-per-second <rate>', 'subtrees that all nodes together announce', rate, 4)
    .option('--rejected-per-second <rate>', 'transactions that all nodes together reject', rate, 0.3)
    .option('--subtree-size <transactions>', 'transactions in a subtree, a power of two', powerOfTwo, 16)
    .option('--json', 'print one line of JSON for each acknowledged record')
    .action(async (flags: SimulateFlags, command: Command) => {
      const settings = context.settings(command)
      requireHarmless(settings.network, flags.networkIsATest === true)
      await runSimulation(flags, settings, context)
    })
}

/** A bridge announces all records of its in-topics. Real peers would ban the node for a simulated block. */
function requireHarmless(network: Settings['network'], isATest: boolean): void {
  if (network === 'regtest' || isATest) return
  throw new CommandError(
    `The network of the settings is ${network}, so a bridge would announce the simulated blocks to real peers, which ban it: nothing was written. ` +
      'Set network to regtest, or confirm with --network-is-a-test that only your own nodes take part.',
  )
}

async function runSimulation(flags: SimulateFlags, settings: Settings, context: CliContext): Promise<void> {
  const prefixes = flags.node ?? [settings.topic_prefix]
  const topics = prefixes.map((topic_prefix) => topicNames({ ...settings, topic_prefix }))
  const topicOf = ({ node, role }: SimulatedEvent) => topics[node]?.[role] ?? ''
  const seed = flags.seed ?? `${randomInt(1_000_000)}`
  const stop = new AbortController()
  const unsubscribe = context.host.onSignal((signal) => {
    if (signal !== 'SIGUSR2') stop.abort()
  })
  // Imported only here: the Kafka client takes a while to load, and `--help` should not wait for it.
  const { createSink } = await import('./simulator/sink.ts')
  const sink = await createSink(
    { settings, topics: topics.flatMap((names) => ANNOUNCEMENT_TOPICS.map((role) => names[role])) },
    { log: context.log(settings), trace: traceOfEnvironment(context.host.environment) },
  )
  stop.signal.addEventListener('abort', () => void (sink.isStarted() || sink.stop()), { once: true })
  try {
    if (!stop.signal.aborted) await sink.start()
    const played = await play(
      { forMs: (flags.for ?? Number.POSITIVE_INFINITY) * 1000, maxUnacknowledged: MAX_UNACKNOWLEDGED, drainMs: DRAIN_MS },
      {
        events: simulate({ ...flags, seed, miners: prefixes.map(minerName) }),
        send: (event) => sink.send(topicOf(event), event),
        produced: (event, at) => {
          const topic = topicOf(event)
          if (flags.json) context.print(JSON.stringify({ type: event.type, key: event.key, topic, at }))
          else context.print(`${new Date(at).toISOString()} ${topic} ${event.type} ${event.key}`)
        },
        signal: stop.signal,
        now: SYSTEM_CLOCK.wall,
      },
    )
    sumUp(played, { seed, isJson: flags.json === true }, context)
  } finally {
    await sink.stop()
    unsubscribe()
  }
}

function sumUp(played: Played, { seed, isJson }: { seed: string; isJson: boolean }, context: CliContext): void {
  const { acknowledged, unacknowledged, seconds } = played
  if (isJson) context.print(JSON.stringify({ type: 'summary', seed, ...played }))
  else context.print(`${acknowledged} records acknowledged in ${seconds.toFixed(1)} s, seed ${seed}`)
  if (unacknowledged === 0) return
  context.tell(`${unacknowledged} records were not acknowledged by Kafka and may or may not be in the topics`)
  context.setExitCode(1)
}

/** `node-a.` mines as `/node-a/`. */
function minerName(topicPrefix: string): string {
  return `/${topicPrefix.replace(/[._-]+$/, '') || 'gossip-bridge'}/`
}

function append(value: string, earlier: string[] | undefined): string[] {
  if (!/^[A-Za-z0-9._-]{0,40}$/.test(value)) {
    throw new InvalidArgumentError('a topic prefix has at most 40 letters, digits, dots, dashes and underscores.')
  }
  return [...(earlier ?? []), value]
}

function rate(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!(value >= 0 && value <= MAX_PER_SECOND)) throw new InvalidArgumentError(`it takes a number from 0 to ${MAX_PER_SECOND}.`)
  return value
}

function powerOfTwo(text: string): number {
  const value = Number(text)
  if (![2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].includes(value)) throw new InvalidArgumentError('it takes a power of two from 2 to 1024.')
  return value
}
