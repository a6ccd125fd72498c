import { expect, test } from 'vitest'
import { createNode, startBridge, type TestNode } from '../../support/bridge/start-bridge.ts'
import { eventually } from '../../support/eventually.ts'
import { createTopicClient } from '../../support/stack/topic-client.ts'
import { type CliRun, runCli } from '../bans/run-cli.ts'

const HASH = 'ab'.repeat(32)
const GOOD = JSON.stringify({
  type: 'Subtree',
  hash: HASH,
  height: null,
  header: null,
  previousHash: null,
  miner: null,
  sizeInBytes: null,
  txCount: null,
})

/** A dead letter of a good notification, as a group writes it. */
function letterOf(topic: string, offset: number) {
  const headers = {
    type: 'dead-letter',
    reason: 'unknown-schema',
    error: 'not known yet',
    'original-topic': topic,
    'original-partition': '0',
    'original-offset': `${offset}`,
    'original-timestamp': '2026-01-01T00:00:00.000Z',
    'original-key': HASH,
  }
  return { key: `${topic}:0:${offset}`, value: Buffer.from(GOOD), headers }
}

function deadLetters(node: TestNode, overrides: Record<string, string> = {}) {
  return (...words: string[]): Promise<CliRun> => runCli(['dead-letters', ...words], { ...node.environment, ...overrides })
}

const linesOf = ({ out }: CliRun) => out.split('\n').filter(Boolean)
const jsonOf = (run: CliRun) => linesOf(run).map((line) => JSON.parse(line) as Record<string, unknown>)

test('a bad record is listed, replayed once with its bytes, key and headers, and shows that it was a replay when it is bad again', async () => {
  const node = await createNode({ partitions: 1 })
  await startBridge(node)
  const client = await createTopicClient()
  const topic = node.topics.notifications
  const bytes = Buffer.from([0, 0, 0, 0, 99, 255, 0])
  await client.producer.send(topic, { key: 'unreadable', value: bytes, headers: { origin: 'a test' } })
  const cli = deadLetters(node)

  const key = `${topic}:0:0`
  await eventually(async () => expect(linesOf(await cli('list'))).toHaveLength(1), { timeoutMs: 20_000, intervalMs: 200 })
  expect(jsonOf(await cli('list', '--json', '--reason', 'unknown-schema', '--topic', 'blockchain-notifications', '--from', '1h'))).toEqual([
    expect.objectContaining({
      key,
      reason: 'unknown-schema',
      originalTopic: topic,
      originalPartition: 0,
      originalOffset: '0',
      size: 7,
      cut: false,
      wasReplay: false,
      replayedAt: null,
    }),
  ])
  expect(await cli('list', '--reason', 'truncated')).toMatchObject({ exitCode: 0, out: '', err: 'There are no such dead letters.\n' })

  expect(await cli('replay', key, '--dry-run')).toMatchObject({ exitCode: 0, out: `would replay ${key} to ${topic} (7 bytes)\n` })
  expect(await client.readAll(topic)).toHaveLength(1)
  expect(await cli('replay', key)).toMatchObject({ exitCode: 0, out: `replayed ${key} as ${topic}:0:1\n`, err: '1 replayed.\n' })
  const [, replayed] = await client.readAll(topic)
  expect(replayed).toMatchObject({ key: Buffer.from('unreadable'), value: bytes, headers: { replayed: '1', origin: 'a test' } })

  const again = `${topic}:0:1`
  const find = async (wanted: string) => jsonOf(await cli('list', '--json')).find((letter) => letter.key === wanted)
  const second = await eventually(() => find(again), { timeoutMs: 20_000, intervalMs: 200 })
  expect(second).toMatchObject({
    wasReplay: true,
    originalHeaders: { replayed: '1', origin: 'a test' },
  })
  expect(await find(key)).toMatchObject({ replayedAt: expect.stringMatching(/^\d{4}-/) })

  expect(await cli('replay', '--all')).toMatchObject({ exitCode: 0, err: '2 left alone.\n' })
  const named = await cli('replay', key, 'nowhere:0:0', '--json')
  expect(named).toMatchObject({ exitCode: 1, err: expect.stringContaining('There is no dead letter with the key nowhere:0:0') })
  expect(jsonOf(named)).toEqual([{ key, outcome: 'left', detail: expect.stringContaining('--again') }])
  expect(await client.readAll(topic)).toHaveLength(2)
  expect(await cli('replay', key, '--again')).toMatchObject({ exitCode: 0, out: `replayed ${key} as ${topic}:0:2\n` })
})

test('a record whose two groups have both put it aside is replayed once, and flows when the cause is mended', async () => {
  const node = await createNode({ partitions: 1 })
  const client = await createTopicClient()
  const topic = node.topics.notifications
  const letter = letterOf(topic, 5)
  await client.producer.sendAll(node.topics.deadLetters, [letter, letter])
  await startBridge(node)
  expect(await deadLetters(node)('replay', '--reason', 'unknown-schema')).toMatchObject({ exitCode: 0, err: '1 replayed.\n' })
  await eventually(
    async () => {
      const keys = (await client.readAll(node.topics.events)).map(({ headers }) => headers.type)
      expect(keys).toContain('subtree')
    },
    { timeoutMs: 20_000 },
  )
  expect(await client.readAll(topic)).toHaveLength(1)
})

test.each(['signal', 'closed-output'] as const)(
  'a replay that is interrupted (%s) says so, and the same command goes on where it ended, each record once',
  async (interruption) => {
    const node = await createNode({ partitions: 1 })
    const client = await createTopicClient()
    const topic = node.topics.notifications
    const offsets = Array.from({ length: 500 }, (_, offset) => offset)
    await client.producer.sendAll(
      node.topics.deadLetters,
      offsets.map((offset) => letterOf(topic, offset)),
    )
    const first = await runCli(['dead-letters', 'replay', '--all'], node.environment, { interruption })
    expect(first).toMatchObject({ exitCode: 1, err: expect.stringMatching(/^\d+ replayed\.\nInterrupted: the rest was not tried\.\n$/) })
    const replayed = linesOf(first).length
    expect(replayed).toBeLessThan(offsets.length)
    expect(await client.readAll(topic)).toHaveLength(replayed)

    const second = await deadLetters(node)('replay', '--all')
    expect(second).toMatchObject({ exitCode: 0, err: `${replayed} left alone, ${offsets.length - replayed} replayed.\n` })
    expect(await client.readAll(topic)).toHaveLength(offsets.length)
  },
)

test('says what is missing, away or not chosen', async () => {
  const node = await createNode()
  expect(await deadLetters(node)('replay')).toMatchObject({ exitCode: 1, err: expect.stringMatching(/^Say which: .*--all\.\n$/) })
  expect(await deadLetters(node)('list', '--from', 'yesterday')).toMatchObject({
    exitCode: 1,
    err: expect.stringMatching(/it takes a time such as/),
  })
  expect(await deadLetters(node, { TOPIC_PREFIX: 'nobody.' })('list')).toMatchObject({
    exitCode: 1,
    err: expect.stringMatching(/topic nobody\.p2p-dead-letters does not exist/),
  })
  const away = await deadLetters(node, { KAFKA_BROKERS: '127.0.0.1:1' })('list')
  expect(away).toMatchObject({ exitCode: 1, err: expect.stringMatching(/^Kafka at 127\.0\.0\.1:1 does not answer/) })
})
