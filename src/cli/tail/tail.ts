import { type Command, InvalidArgumentError } from 'commander'
import { kafkaOptions } from '../../config/kafka-options.ts'
import type { Settings } from '../../config/settings.ts'
import { topicNames } from '../../config/topic-names.ts'
import type { KafkaConnection } from '../../kafka/client/connection.ts'
import type { PartitionReader } from '../../kafka/reader/partition-reader.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { createCodec } from '../../messages/codec/codec.ts'
import { timeOrSpan } from '../arguments.ts'
import { commandSchemas } from '../command-schemas.ts'
import type { CliContext } from '../context.ts'
import { kafkaFailure } from '../kafka-failure.ts'
import { type FollowMove, followTopic, type Start } from './follow-topic.ts'
import { findTopic, recordLine, type ValueDecoder } from './record-line.ts'

interface TailFlags {
  readonly from: Start
  readonly grep?: RegExp
  readonly max?: number
  readonly untilEnd?: boolean
}

/** `gossip-bridge tail TOPIC`: prints any topic as lines of JSON. */
export function addTailCommand(program: Command, context: CliContext): void {
  program
    .command('tail')
    .description('Print the decoded records of a topic as lines of JSON, as they arrive')
    .argument('<topic>', 'name of the topic, with or without the prefix')
    .option(
      '--from <where>',
      'earliest, latest, an offset, a time such as 2026-01-31T12:00:00Z, or a span back from now such as 60m',
      parseStart,
      'latest',
    )
    .option('--grep <pattern>', 'print only lines that match this regular expression', parsePattern)
    .option('--max <lines>', 'stop after this many lines', parseCount)
    .option('--until-end', 'stop at the current end of the topic, instead of waiting for more')
    .action((topic: string, flags: TailFlags, command: Command) => tail(topic, flags, context.settings(command), context))
}

async function tail(word: string, flags: TailFlags, settings: Settings, context: CliContext): Promise<void> {
  const { topic, role } = findTopic(word, topicNames(settings), settings)
  const schemas = await commandSchemas(settings)
  const codec = createCodec({}, schemas)
  const decode: ValueDecoder = (role, record) => schemas.whenKnown(() => codec.decodeRecord(role, record))
  const log = context.log(settings)
  // Imported only here: the Kafka client takes a while to load, and `--help` should not wait for it.
  const [{ createKafka }, { isPartitionGone }, { createPartitionReader }] = await Promise.all([
    import('../../kafka/client/connection.ts'),
    import('../../kafka/client/topic-link.ts'),
    import('../../kafka/reader/partition-reader.ts'),
  ])
  const kafka = createKafka(kafkaOptions(settings), { log })
  const ended = new AbortController()
  const unsubscribe = context.host.onSignal(() => ended.abort())
  const readers: PartitionReader[] = []
  const onThrottled = sayOnce(() =>
    context.tell(`a quota of the cluster (consumer_byte_rate or request_percentage) slows down reading ${topic}`),
  )
  const readersByNow = async () => {
    const count = await countPartitions(kafka, topic)
    while (readers.length < count)
      readers.push(createPartitionReader({ topic, partition: readers.length }, { clock: SYSTEM_CLOCK, kafka, log, onThrottled }))
    return readers.slice(0, count)
  }
  const isEnough = printer(flags, context)
  try {
    await followTopic(
      { from: flags.from, untilEnd: flags.untilEnd === true },
      {
        readers: readersByNow,
        signal: ended.signal,
        clock: SYSTEM_CLOCK,
        onRecord: async (record) => !isEnough(await recordLine(record, role, decode)),
        onMove: (partition, move) => context.tell(moveSentence(`${topic}:${partition}`, move)),
        onHeld: (partition, offset) => context.tell(heldSentence(`${topic}:${partition}`, offset)),
        onGone: (partition) =>
          context.tell(`${topic}:${partition} does not exist any more: the topic was created again with fewer partitions`),
        isGone: isPartitionGone,
      },
    )
  } catch (error) {
    if (!ended.signal.aborted) throw kafkaFailure(error, { brokers: kafka.brokers, topics: [topic] })
  } finally {
    unsubscribe()
    await Promise.all(readers.map((reader) => reader.stop()))
    schemas.stop()
  }
}

function moveSentence(place: string, { reason, requested, next }: FollowMove): string {
  const goesOn = `it goes on at ${next}`
  switch (reason) {
    case 'expired':
      return `${place} does not have offset ${requested} any more; ${goesOn}`
    case 'beyond-end':
      return `${place} does not have offset ${requested}: it ends at ${next}, or has lost its newest records; ${goesOn}`
    case 'truncated':
      return `${place} has lost its newest records, before offset ${requested}, as by an unclean election; ${goesOn}, where its log has changed`
    case 'topic-made-anew':
      return `${place} belongs to a new topic: the topic was deleted and created again; ${goesOn}, its beginning`
  }
}

function heldSentence(place: string, offset: bigint): string {
  return `${place} has more records, but an open transaction holds them back from offset ${offset} on, until its producer ends it`
}

function sayOnce(say: () => void): () => void {
  let isSaid = false
  return () => {
    if (isSaid) return
    isSaid = true
    say()
  }
}

/** Prints the lines that match. Returns true once `max` lines are printed. */
function printer({ grep, max = Number.POSITIVE_INFINITY }: TailFlags, context: CliContext): (line: string) => boolean {
  let printed = 0
  return (line) => {
    if (grep && !grep.test(line)) return false
    context.print(line)
    printed += 1
    return printed >= max
  }
}

async function countPartitions(kafka: KafkaConnection, topic: string): Promise<number> {
  const { topics } = await kafka.withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }))
  return topics[0]?.partitions.length ?? 0
}

function parseStart(text: string): Start {
  if (text === 'earliest' || text === 'latest') return text
  if (/^\d+$/.test(text)) return { offset: BigInt(text) }
  const time = timeOrSpan(text)
  if (time === undefined) {
    throw new InvalidArgumentError(
      'it takes earliest, latest, an offset, a time such as 2026-01-31T12:00:00Z, or a span back from now such as 60m.',
    )
  }
  return { time }
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : String(error))
  }
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('it takes a whole number, 1 or more.')
  return Number(text)
}
