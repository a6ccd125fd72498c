import { expect, onTestFinished, test } from 'vitest'
import { runKafkaTool } from '../../../deploy/local/kafka/tool.ts'
import { createGroupConsumer } from '../../../src/kafka/group/group-consumer.ts'
import { UndecodableBatchError } from '../../../src/kafka/group/reading/undecodable-record.ts'
import { createTail, type TailGap } from '../../../src/kafka/reader/tail.ts'
import type { KafkaRecord } from '../../../src/kafka/record.ts'
import { MAX_BATCH_BYTES } from '../../../src/kafka/wire/compression/decompress.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { eventually } from '../../support/eventually.ts'
import { createTopic } from '../../support/stack/create-topic.ts'
import { kafkaBrokers } from '../../support/stack/shared-stack.ts'
import { connection, health, log, metrics, outgoing, randomName } from './parts.ts'
import { produceRaw, rawBatch } from './raw-batch.ts'

const LINES = Array.from({ length: 300 }, (_, index) => `line ${index} ${'compressible '.repeat(20)}`)

/** Java's own console producer, so nothing of ours or of kafkajs is on the writing side. */
async function produceWithJava(topic: string, codec: string, lines = LINES): Promise<void> {
  const args = ['--bootstrap-server', kafkaBrokers().join(), '--topic', topic, '--compression-codec', codec]
  const { code, stderr } = await runKafkaTool('console-producer', args, { input: `${lines.join('\n')}\n` })
  expect(code, stderr).toBe(0)
}

async function groupReads(topic: string) {
  const handled: string[] = []
  const dead: { record: KafkaRecord; error: unknown }[] = []
  const group = createGroupConsumer(
    { groupId: randomName('group'), topics: [topic], sessionTimeoutMs: 30_000, maxInFlight: 100 },
    {
      clock: SYSTEM_CLOCK,
      kafka: connection(),
      log,
      metrics: metrics(),
      health: health(),
      isTransient: () => false,
      handle: async (record) => {
        handled.push(`${record.value}`)
      },
      deadLetter: async (record, error) => {
        dead.push({ record, error })
      },
    },
  )
  onTestFinished(() => group.stop())
  await group.start()
  return { group, handled, dead }
}

test.each(['gzip', 'snappy', 'lz4', 'zstd'])('records that a Java producer compressed with %s are read', async (codec) => {
  const topic = await createTopic()
  await produceWithJava(topic, codec)
  const { handled } = await groupReads(topic)
  await eventually(() => expect(handled).toEqual(LINES))
})

test('a batch that would grow beyond all bounds is one dead letter with its bytes; what comes behind flows', async () => {
  const topic = await createTopic()
  const kafka = connection()
  const lines = LINES.slice(0, 9).map((line) => outgoing(line, line))
  const bomb = { ...outgoing('bomb'), value: Buffer.alloc(MAX_BATCH_BYTES + 1) }
  await produceRaw(
    topic,
    rawBatch({ records: [outgoing('before', 'before')] }),
    rawBatch({ records: [...lines, bomb], isGzipped: true }),
    rawBatch({ records: [outgoing('behind', 'behind')] }),
  )

  const { group, handled, dead } = await groupReads(topic)
  await eventually(() => expect(handled).toEqual(['before', 'behind']))
  await eventually(() => expect(dead.map(({ record }) => record.offset)).toEqual([1n]))
  expect(dead[0]?.error).toBeInstanceOf(UndecodableBatchError)
  expect(dead[0]?.error).toMatchObject({ reason: 'undecodable-batch', firstOffset: 1n, lastOffset: 10n })
  expect(dead[0]?.record.value?.readInt8(16)).toBe(2) // the whole batch, in Kafka's format of version 2
  await eventually(async () => expect(await group.committed(topic, 0)).toMatchObject({ next: 12n }))

  const events: (string | TailGap)[] = []
  const onRecords = (records: readonly KafkaRecord[]) => void events.push(...records.map((record) => `${record.value}`))
  const tail = createTail(
    { topic },
    { clock: SYSTEM_CLOCK, kafka, log, metrics: metrics(), onRecords, onGap: (gap) => void events.push(gap) },
  )
  onTestFinished(() => tail.stop())
  await tail.start('earliest')
  await eventually(() => expect(events).toEqual(['before', { requested: 1n, next: 11n, reason: 'undecodable' }, 'behind']))
})
