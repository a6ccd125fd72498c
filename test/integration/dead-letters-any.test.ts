import { Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { createNode, startBridge } from '../support/bridge/start-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { kafkaBrokers } from '../support/stack/shared-stack.ts'
import { createTopicClient } from '../support/stack/topic-client.ts'
import { runCli } from './bans/run-cli.ts'
import { connection } from './kafka/parts.ts'

const WITHIN = { timeoutMs: 30_000, intervalMs: 250 }
const unreadable = Buffer.from([0, 0, 0, 0, 99, 255, 0])

/** Records that no reader can use, as any producer may write them. */
const BAD = [
  { key: 'past', value: unreadable, timestamp: '-9000000000000000' },
  { key: 'before 1970', value: unreadable, timestamp: '-1' },
  { key: null, value: null },
  {
    key: Buffer.alloc(3000, 0xff),
    value: unreadable,
    headers: { '': 'x', type: 'block', 'original-topic': 'elsewhere', ['n'.repeat(3000)]: 'v' },
  },
  {
    key: 'many',
    value: unreadable,
    headers: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`h${index}`, Buffer.alloc(100, 0xfe)])),
  },
  { key: 'large', value: Buffer.alloc(900_000, 1) },
]

test('each record that nobody can use gets a letter that fits, and the commands show all of them', async () => {
  const node = await createNode({ partitions: 1 })
  const { notifications, deadLetters } = node.topics
  await connection().withAdmin((admin) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: deadLetters, configEntries: [{ name: 'max.message.bytes', value: '3000' }] }],
    }),
  )
  await startBridge(node)
  const producer = new Kafka({ clientId: 'stranger', brokers: kafkaBrokers(), logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  for (const message of BAD) await producer.send({ topic: notifications, messages: [message] })
  await producer.disconnect()

  // Both groups read the topic, and each that cannot use a record writes a letter.
  const client = await createTopicClient()
  await eventually(async () => {
    const offsets = new Set((await client.readAll(deadLetters)).map(({ headers }) => headers['original-offset']))
    expect([...offsets].sort()).toEqual(BAD.map((_, index) => `${index}`))
  }, WITHIN)
  const listed = await runCli(['dead-letters', 'list', '--json'], node.environment)
  expect(listed).toMatchObject({ exitCode: 0 })
  const first = listed.out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .find(({ originalOffset }) => originalOffset === '0')
  expect(first).toMatchObject({ originalTime: '-9000000000000000', originalKey: 'past' })
  expect(await runCli(['dead-letters', 'list'], node.environment)).toMatchObject({ exitCode: 0 })
  const replayed = await runCli(['dead-letters', 'replay', '--all', '--dry-run'], node.environment)
  expect(replayed.out).toMatch(/would replay .*:0:0 /)
  expect(`${replayed.out}${replayed.err}`).not.toMatch(/Invalid time value|Kafka refuses/)
  const tailed = await runCli(['tail', notifications, '--from', 'earliest', '--until-end'], node.environment)
  expect(tailed).toMatchObject({ exitCode: 0, err: '' })
  expect(tailed.out.split('\n').filter(Boolean)).toHaveLength(BAD.length)
  expect(JSON.parse(tailed.out.split('\n')[0] ?? '')).toMatchObject({ time: '-9000000000000000' })
})
