import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { inspectTopic } from '../../../src/kafka/admin/topics.ts'
import type { KafkaConnection } from '../../../src/kafka/client/connection.ts'
import { createGroupConsumer, type GroupConsumerDeps } from '../../../src/kafka/group/group-consumer.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { eventually } from '../../support/eventually.ts'
import { createTopic } from '../../support/stack/create-topic.ts'
import { type SecureBroker, startSecureBroker, USER } from '../../support/stack/secure-broker.ts'
import { connection, health, log, metrics, outgoing, producer, randomName, readAll } from './parts.ts'

let broker: SecureBroker

beforeAll(async () => {
  broker = await startSecureBroker()
})

afterAll(() => broker.stop())

const topicFor = () => createTopic({ brokers: [broker.plain] })

const saslOf = (mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512') =>
  connection({ brokers: [broker.sasl], ssl: { ca: broker.files.ca }, sasl: { mechanism, ...USER } })

/** A member of a group that may read and write one topic, with one record in it. */
async function memberWith(key: string, kafka: KafkaConnection, topic: string, deps: Pick<GroupConsumerDeps, 'handle' | 'deadLetter'>) {
  const groupId = randomName('group')
  await broker.allow(['--producer', '--consumer', '--topic', topic, '--group', groupId])
  await (await producer(kafka)).send(topic, outgoing(key))
  const group = createGroupConsumer(
    { groupId, topics: [topic], sessionTimeoutMs: 3000, maxInFlight: 1 },
    { clock: SYSTEM_CLOCK, kafka, log, metrics: metrics(), health: health(), isTransient: () => false, ...deps },
  )
  onTestFinished(() => group.stop())
  await group.start()
  return group
}

test('writes and reads with a client certificate', async () => {
  const topic = await topicFor()
  const { ca, clientCert: cert, clientKey: key } = broker.files
  const kafka = connection({ brokers: [broker.mutualTls], ssl: { ca, cert, key } })
  const lanes = await producer(kafka)
  await lanes.send(topic, outgoing('a'))
  expect((await readAll(kafka, topic)).map((record) => `${record.key}`)).toEqual(['a'])
})

test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('writes, reads and joins a group with SASL %s', async (mechanism) => {
  const topic = await topicFor()
  const handled: string[] = []
  const group = await memberWith('a', saslOf(mechanism), topic, {
    deadLetter: async () => {},
    handle: async (record) => void handled.push(`${record.key}`),
  })
  await eventually(() => expect(handled).toEqual(['a']))
  await eventually(async () => expect(await group.committed(topic, 0)).toMatchObject({ next: 1n }))
})

test('a wrong password is named as that', async () => {
  const part = health()
  const kafka = connection({
    brokers: [broker.sasl],
    ssl: { ca: broker.files.ca },
    sasl: { mechanism: 'plain', ...USER, password: 'wrong' },
  })
  const group = createGroupConsumer(
    { groupId: 'any', topics: ['any'], sessionTimeoutMs: 3000, maxInFlight: 1 },
    {
      clock: SYSTEM_CLOCK,
      kafka,
      log,
      metrics: metrics(),
      health: part,
      isTransient: () => false,
      deadLetter: async () => {},
      handle: async () => {},
    },
  )
  onTestFinished(() => group.stop())
  await group.start()
  await eventually(() => expect(part.said.join()).toContain('check kafka_sasl_* and kafka_ssl_*'))
})

test('missing rights wait, are named, and the record goes out once they are there', async () => {
  const topic = await topicFor()
  const part = health()
  const kafka = saslOf('plain')
  const lanes = await producer(kafka, {}, part)
  const waiting = lanes.send(topic, outgoing('a'))
  await eventually(() => expect(part.said.join()).toContain(`Kafka denies access to topic ${topic}`))
  await broker.allow(['--topic', topic, '--operation', 'Write'])
  expect(await waiting).toMatchObject({ topic, offset: 0n })
})

test('a bad record whose dead letters may not be written waits, and its offset moves once they may', async () => {
  const [topic, letters] = [await topicFor(), await topicFor()]
  const part = health()
  const kafka = saslOf('plain')
  const lanes = await producer(kafka, {}, part)
  const group = await memberWith('bad', kafka, topic, {
    deadLetter: async ({ key }) => void (await lanes.send(letters, outgoing(`${key}`))),
    handle: () => Promise.reject(new Error('nobody can use it')),
  })
  await eventually(() => expect(part.said.join()).toContain(`Kafka denies access to topic ${letters}`), { timeoutMs: 15_000 })
  expect((await group.committed(topic, 0))?.next ?? 0n).toBe(0n)
  await broker.allow(['--topic', letters, '--operation', 'Write'])
  await eventually(async () => expect(await group.committed(topic, 0)).toMatchObject({ next: 1n }), { timeoutMs: 15_000 })
})

test('the settings of a topic are left out where the user may not describe them, and judged where it may', async () => {
  const topic = await topicFor()
  await broker.allow(['--producer', '--topic', topic])
  const kafka = saslOf('plain')
  const config = { 'message.timestamp.type': 'LogAppendTime' }
  const wanted = { name: topic, partitions: 1, isPartitionCountFixed: true, replication: -1, config }
  await eventually(async () => expect(await inspectTopic(kafka, wanted)).toMatchObject({ findings: [], config: undefined }))
  await broker.allow(['--topic', topic, '--operation', 'DescribeConfigs'])
  await eventually(async () =>
    expect(await inspectTopic(kafka, wanted)).toMatchObject({
      findings: [{ problem: expect.stringContaining('message.timestamp.type') }],
      config: { 'message.timestamp.type': 'CreateTime' },
    }),
  )
})

test('a certificate that was replaced is used without a restart', async () => {
  const topic = await topicFor()
  const directory = mkdtempSync(join(tmpdir(), 'rotated-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
  writeFileSync(cert, 'the certificate is still to come')
  writeFileSync(key, 'and so is its key')
  const part = health()
  const kafka = connection({ brokers: [broker.mutualTls], ssl: { ca: broker.files.ca, cert, key } })
  const starting = producer(kafka, {}, part)
  await eventually(() => expect(part.said).not.toEqual([]))
  copyFileSync(broker.files.clientCert, cert)
  copyFileSync(broker.files.clientKey, key)
  const lanes = await starting
  await lanes.send(topic, outgoing('a'))
})
