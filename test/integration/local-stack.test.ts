import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { startKafka } from '../../deploy/local/kafka/kafka.ts'
import { clusterMembers } from '../../deploy/local/kafka/ready.ts'
import { runKafkaTool } from '../../deploy/local/kafka/tool.ts'
import { startPostgres } from '../../deploy/local/postgres/postgres.ts'
import { eventually } from '../support/eventually.ts'
import { createDatabase } from '../support/stack/create-database.ts'
import { createTopic } from '../support/stack/create-topic.ts'
import { kafkaBrokers } from '../support/stack/shared-stack.ts'

test("Kafka's own tools write to the shared broker and read from it, keys and headers included", async () => {
  const topic = await createTopic({ partitions: 2 })
  const broker = kafkaBrokers().join(',')
  const properties = ['parse.key=true', 'parse.headers=true', 'headers.delimiter=|', 'key.separator=:'].flatMap((each) => [
    '--property',
    each,
  ])
  const produced = await runKafkaTool('console-producer', ['--bootstrap-server', broker, '--topic', topic, ...properties], {
    input: 'type:block|k1:v1\n',
  })
  expect(produced).toMatchObject({ code: 0, stderr: '' })
  const shown = ['print.key=true', 'print.headers=true'].flatMap((each) => ['--property', each])
  const consumed = await runKafkaTool('console-consumer', [
    ...['--bootstrap-server', broker, '--topic', topic, '--from-beginning', '--max-messages', '1', '--timeout-ms', '60000'],
    ...shown,
  ])
  expect(consumed.stdout).toContain('type:block\tk1\tv1')
})

test('a broker keeps its records through SIGKILL and a restart, and leaves nothing behind', async () => {
  const kafka = await startKafka()
  onTestFinished(() => kafka.stop())
  const [node] = kafka.nodes
  if (!node) throw new Error('no broker')
  const topic = await createTopic({ brokers: kafka.brokers })
  await produce(kafka.brokers, topic, 'before the crash')

  await node.kill()
  expect(node.isRunning()).toBe(false)
  await expect(clusterMembers(node.address)).rejects.toThrow()
  await node.start()

  expect(await endOffset(kafka.brokers, topic)).toBe('1')
  expect(existsSync(node.logFile)).toBe(true)
  await kafka.stop()
  expect(existsSync(dirname(dirname(node.logFile)))).toBe(false)
})

/** kafkajs reports the deadline of the request, or stumbles over the missing answer of its only broker. */
const NO_ANSWER = /timed out|Cannot destructure property 'brokers'/i

test('a frozen broker does not answer, and does again when it thaws', async () => {
  const kafka = await startKafka()
  onTestFinished(() => kafka.stop())
  const [node] = kafka.nodes
  await node?.freeze()
  await expect(clusterMembers(kafka.brokers[0] ?? '')).rejects.toThrow(NO_ANSWER)
  await node?.thaw()
  await eventually(async () => (await clusterMembers(kafka.brokers[0] ?? '')).length === 1, { timeoutMs: 20_000 })
})

test('three brokers form one cluster that goes on without one of them', async () => {
  const kafka = await startKafka({ brokers: 3 })
  onTestFinished(() => kafka.stop())
  const topic = await createTopic({ brokers: kafka.brokers, replicationFactor: 3 })
  await kafka.nodes[0]?.kill()
  await eventually(() => produce(kafka.brokers.slice(1), topic, 'two are left').then(() => true), { timeoutMs: 30_000, intervalMs: 200 })
  // What was written without an answer is written again.
  expect(Number(await endOffset(kafka.brokers.slice(1), topic))).toBeGreaterThanOrEqual(1)
})

test('a broker that cannot start says why, with its log', async () => {
  const start = startKafka({ settings: { 'log.retention.hours': 'for ever' } })
  await expect(start).rejects.toThrow(/broker 1 .* did not start: the process ended by itself[\s\S]*log.retention.hours/)
})

test('Postgres starts, keeps its rows through SIGKILL, and leaves nothing behind', async () => {
  const postgres = await startPostgres()
  onTestFinished(() => postgres.stop())
  const url = await postgres.createDatabase('with "quotes"')
  await query(url, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)')
  await postgres.kill()
  await postgres.start()
  expect(await query(url, 'SELECT id FROM kept')).toEqual([{ id: 7 }])
  await postgres.stop()
  expect(existsSync(dirname(postgres.logFile))).toBe(false)
})

test('each test gets an empty database of its own', async () => {
  const [one, other] = await Promise.all([createDatabase(), createDatabase()])
  expect(one).not.toBe(other)
  await query(one, 'CREATE TABLE mine ()')
  await expect(query(other, 'SELECT * FROM mine')).rejects.toThrow(/does not exist/)
})

test('servers and their files go when the process that started them is killed', async () => {
  const script = `
    const { startKafka } = await import('./dist/local/kafka/kafka.js')
    const { startPostgres } = await import('./dist/local/postgres/postgres.js')
    const [kafka, postgres] = await Promise.all([startKafka(), startPostgres()])
    console.log(JSON.stringify({ kafka: kafka.brokers[0], files: [kafka.nodes[0].logFile, postgres.logFile], postgres: postgres.url }))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = await child.stdout.setEncoding('utf8').take(1).toArray()
  const started = JSON.parse(line) as { kafka: string; postgres: string; files: string[] }
  await eventually(async () => expect(await clusterMembers(started.kafka)).toEqual([1]))

  child.kill('SIGKILL')
  await eventually(() => started.files.every((file) => !existsSync(dirname(file))), { timeoutMs: 10_000 })
  await expect(clusterMembers(started.kafka)).rejects.toThrow(/ECONNREFUSED|Connection error/)
  await expect(query(started.postgres, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/)
})

async function produce(brokers: string[], topic: string, value: string): Promise<void> {
  const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 10, initialRetryTime: 100 } }).producer()
  await producer.connect()
  try {
    await producer.send({ topic, acks: -1, messages: [{ value }] })
  } finally {
    await producer.disconnect()
  }
}

async function endOffset(brokers: string[], topic: string): Promise<string | undefined> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 10, initialRetryTime: 100 } }).admin()
  await admin.connect()
  try {
    return (await admin.fetchTopicOffsets(topic))[0]?.high
  } finally {
    await admin.disconnect()
  }
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
