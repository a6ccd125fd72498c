import { type Command, InvalidArgumentError } from 'commander'
import { printableJson } from '../../config/printable.ts'
import type { Settings } from '../../config/settings.ts'
import { topicNames } from '../../config/topic-names.ts'
import { IN_TOPICS } from '../../messages/topics.ts'
import { parseTimeout, timeOrSpan } from '../arguments.ts'
import { type CliContext, CommandError } from '../context.ts'
import { kafkaFailure } from '../kafka-failure.ts'
import { findTopic } from '../tail/record-line.ts'
import { interruptionOf } from './interruption.ts'
import type { DeadLettersKafka } from './kafka.ts'
import { identityOf, letterJson, letterLine, quoted, toReplayNote } from './letter.ts'
import { type ReplayDone, replayLetters } from './replay.ts'
import { type LetterFilter, named, readNotes, select } from './selection.ts'

interface FilterFlags extends LetterFilter {
  /** Milliseconds since the epoch. */
  readonly from?: number
  readonly json?: boolean
}

interface ReplayFlags extends FilterFlags {
  readonly all?: boolean
  readonly again?: boolean
  readonly dryRun?: boolean
  readonly timeout: number
}

const DEFAULT_TIMEOUT_MS = 10_000

/** `gossip-bridge dead-letters list | replay`: shows bad input, and sends it again once the cause is fixed. */
export function addDeadLettersCommand(program: Command, context: CliContext): void {
  const letters = program
    .command('dead-letters')
    .description('Show the records that could not be used, and send them to their topics again')
  const filtered = (name: string, description: string) =>
    letters
      .command(name)
      .description(description)
      .option('--reason <word>', 'only those with this reason, such as unknown-schema')
      .option('--topic <topic>', 'only those of this topic, with or without the prefix')
      .option('--from <time>', 'only those since this time: 2026-01-31T12:00:00Z, or a span back from now such as 2h', parseFrom)
      .option('--json', 'print one line of JSON for each')

  filtered('list', 'Print the dead letters, oldest first').action((flags: FilterFlags, command: Command) =>
    withLetters(context.settings(command), DEFAULT_TIMEOUT_MS, context, (kafka, settings) => list(kafka, flags, settings, context)),
  )
  filtered('replay', 'Send the original records to their topics again, each once, with the header replayed: 1')
    .argument('[keys...]', 'keys of dead letters, topic:partition:offset')
    .option('--all', 'all of them')
    .option('--again', 'also those that were replayed before, and those that were replays themselves')
    .option('--dry-run', 'only print what would be done')
    .option('--timeout <time>', 'how long to wait for Kafka to take a record', parseTimeout, DEFAULT_TIMEOUT_MS)
    .action((keys: string[], flags: ReplayFlags, command: Command) => {
      requireChoice(keys, flags)
      return withLetters(context.settings(command), flags.timeout, context, (kafka, settings) =>
        replay(kafka, keys, flags, settings, context),
      )
    })
}

function requireChoice(keys: readonly string[], { all, reason, topic, from }: ReplayFlags): void {
  const isFiltered = reason !== undefined || topic !== undefined || from !== undefined
  if (keys.length === 0 && !isFiltered && !all) {
    throw new CommandError('Say which: keys as `dead-letters list` shows them, --reason, --topic, --from, or --all.')
  }
}

async function list(kafka: DeadLettersKafka, flags: FilterFlags, settings: Settings, context: CliContext): Promise<void> {
  const replayed = await readNotes(kafka.records(flags.from))
  const toLine = flags.json ? letterJson : letterLine
  let printed = 0
  for await (const letter of select(kafka.records(flags.from), filterOf(flags, settings))) {
    context.print(toLine(letter, replayed(identityOf(letter))))
    printed += 1
  }
  if (printed === 0) context.tell('There are no such dead letters.')
}

async function replay(kafka: DeadLettersKafka, keys: string[], flags: ReplayFlags, settings: Settings, context: CliContext) {
  const topics = topicNames(settings)
  const missing = new Set(keys)
  const counts: Partial<Record<ReplayDone['outcome'], number>> = {}
  const interruption = interruptionOf(context.host)
  const replayed = await readNotes(kafka.records(flags.from))
  try {
    await replayLetters(
      {
        inTopics: IN_TOPICS.map((role) => topics[role]),
        again: flags.again === true,
        dryRun: flags.dryRun === true,
      },
      {
        letters: named(select(kafka.records(flags.from), filterOf(flags, settings)), keys, missing),
        replayedAt: replayed,
        send: kafka.send,
        note: (letter) =>
          kafka.send(topics.deadLetters, toReplayNote(letter, { replayedAt: new Date().toISOString(), network: settings.network })),
        onDone: (done) => {
          counts[done.outcome] = (counts[done.outcome] ?? 0) + 1
          context.print(flags.json ? doneJson(done) : doneLine(done))
        },
        signal: interruption.signal,
      },
    )
  } finally {
    interruption.end()
  }
  sumUp(counts, { missing, isNamed: keys.length > 0, isAborted: interruption.signal.aborted }, context)
}

function filterOf({ reason, topic }: FilterFlags, settings: Settings): LetterFilter {
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(topic === undefined ? {} : { topic: findTopic(topic, topicNames(settings), settings).topic }),
  }
}

interface Outcome {
  readonly missing: ReadonlySet<string>
  readonly isNamed: boolean
  readonly isAborted: boolean
}

/** A letter named by key and not replayed is a failure. A letter selected by a filter and replayed before is not. */
function sumUp(counts: Partial<Record<ReplayDone['outcome'], number>>, { missing, isNamed, isAborted }: Outcome, context: CliContext) {
  for (const key of missing) context.tell(`There is no dead letter with the key ${quoted(key)} (gossip-bridge dead-letters list).`)
  const parts = Object.entries(counts).map(([outcome, count]) => `${count} ${WORDS[outcome as ReplayDone['outcome']]}`)
  context.tell(parts.length === 0 ? 'There are no such dead letters.' : `${parts.join(', ')}.`)
  const { failed, unnoted, refused, left } = counts
  if (failed || unnoted)
    context.tell('Kafka did not take everything in time, so the rest was not tried. Run the same command again to continue.')
  if (isAborted) context.tell('Interrupted: the rest was not tried.')
  if (failed || unnoted || refused || isAborted || missing.size > 0 || (isNamed && left)) context.setExitCode(1)
}

const WORDS: Record<ReplayDone['outcome'], string> = {
  replayed: 'replayed',
  'would-replay': 'would be replayed',
  left: 'left alone',
  refused: 'refused',
  failed: 'failed',
  unnoted: 'replayed without a note of it',
}

function doneLine({ letter, outcome, detail }: ReplayDone): string {
  const key = quoted(letter.key)
  const safe = printableJson(detail)
  if (outcome === 'replayed' || outcome === 'unnoted') return `replayed ${key} as ${safe}`
  if (outcome === 'would-replay') return `would replay ${key} to ${safe} (${letter.size} bytes)`
  return `${WORDS[outcome]} ${key}: ${safe}`
}

function doneJson({ letter, outcome, detail }: ReplayDone): string {
  return printableJson(JSON.stringify({ key: letter.key, outcome, detail }))
}

async function withLetters(
  settings: Settings,
  timeoutMs: number,
  context: CliContext,
  action: (kafka: DeadLettersKafka, settings: Settings) => Promise<void>,
): Promise<void> {
  // Imported only here: the Kafka client takes a while to load, and `--help` should not wait for it.
  const { openDeadLetters } = await import('./kafka.ts')
  let kafka: DeadLettersKafka | undefined
  try {
    kafka = await openDeadLetters(settings, { timeoutMs }, { log: context.log(settings) })
    await action(kafka, settings)
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw kafkaFailure(error, { brokers: settings.kafka_brokers, topics: [topicNames(settings).deadLetters] })
  } finally {
    await kafka?.stop()
  }
}

function parseFrom(text: string): number {
  const time = timeOrSpan(text)
  if (time === undefined)
    throw new InvalidArgumentError('it takes a time such as 2026-01-31T12:00:00Z, or a span back from now such as 2h.')
  return time
}
