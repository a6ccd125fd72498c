import { afterAll, expect, onTestFinished, test } from 'vitest'
import { type LocalKafka, startKafka } from '../../../deploy/local/kafka/kafka.ts'
import { awaitMembers } from '../../../deploy/local/kafka/ready.ts'
import { partitionError } from '../../../src/kafka/client/fetch-request.ts'
import { sendRequest } from '../../../src/kafka/client/raw-request.ts'
import { createGroupConsumer } from '../../../src/kafka/group/group-consumer.ts'
import { createTail, type TailGap } from '../../../src/kafka/reader/tail.ts'
import { FETCH } from '../../../src/kafka/wire/api/fetch.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { eventually } from '../../support/eventually.ts'
import { createTopic } from '../../support/stack/create-topic.ts'
import { connection, health, log, metrics, outgoing, producer, randomName, readAll } from './parts.ts'

/** One cluster for the tests that need three brokers; each of them leaves all three running. */
let three: Promise<LocalKafka> | undefined
afterAll(async () => (await three)?.stop())

async function threeBrokers(): Promise<LocalKafka> {
  three ??= startKafka({ brokers: 3 })
  const kafka = await three
  await awaitMembers(kafka.brokers[0] ?? '', [1, 2, 3], { deadlineMs: 20_000, hasEnded: () => false })
  return kafka
}

/** Sends numbered records until told to stop; each is acknowledged. */
function keepSending(send: (value: string) => Promise<unknown>, everyMs: number) {
  const pending: Promise<unknown>[] = []
  const timer = setInterval(() => pending.push(send(`${pending.length}`)), everyMs)
  onTestFinished(() => clearInterval(timer))
  return {
    async stop(): Promise<string[]> {
      clearInterval(timer)
      await Promise.all(pending)
      return pending.map((_, index) => `${index}`)
    },
  }
}

test('producer, group and tail go on after the broker was away, with nothing missing', async () => {
  const { nodes, brokers, stop } = await startKafka()
  onTestFinished(stop)
  const [broker] = nodes
  const kafka = connection({ brokers })
  const topic = await createTopic({ brokers })
  const [laneHealth, groupHealth, tailHealth] = [health(), health(), health()]
  const lanes = await producer(kafka, {}, laneHealth)
  const handled: string[] = []
  const read: string[] = []
  const group = createGroupConsumer(
    { groupId: randomName('group'), topics: [topic], sessionTimeoutMs: 3000, maxInFlight: 10 },
    {
      clock: SYSTEM_CLOCK,
      kafka,
      log,
      metrics: metrics(),
      health: groupHealth,
      isTransient: () => false,
      deadLetter: async () => {},
      handle: async (record) => {
        handled.push(`${record.value}`)
      },
    },
  )
  const onRecords = (records: readonly { value: Buffer | null }[]) => void read.push(...records.map((record) => `${record.value}`))
  const tail = createTail(
    { topic },
    { clock: SYSTEM_CLOCK, kafka, log, metrics: metrics(), health: tailHealth, onRecords, onGap: () => {} },
  )
  onTestFinished(async () => {
    await Promise.all([group.stop(), tail.stop()])
  })
  await Promise.all([group.start(), tail.start('earliest')])
  const sending = keepSending((value) => lanes.send(topic, outgoing(value, value)), 10)
  await eventually(() => expect(handled.length).toBeGreaterThan(50))

  await broker?.kill()
  await eventually(() => expect([laneHealth, groupHealth, tailHealth].map((part) => part.isReady())).toEqual([false, false, false]), {
    timeoutMs: 15_000,
  })
  await broker?.start()
  await eventually(() => expect([laneHealth, groupHealth, tailHealth].map((part) => part.isReady())).toEqual([true, true, true]), {
    timeoutMs: 20_000,
  })
  const sent = await sending.stop()
  expect((await readAll(kafka, topic)).map((record) => `${record.value}`)).toEqual(sent)
  await eventually(() => expect(read).toEqual(sent), { timeoutMs: 10_000 })
  await eventually(() => expect([...new Set(handled)]).toEqual(sent), { timeoutMs: 20_000 })
})

test('only the leader of a partition is read from, since records are visible later at the others', async () => {
  const { brokers } = await threeBrokers()
  const kafka = connection({ brokers })
  const topic = await createTopic({ brokers, replicationFactor: 3 })
  const lanes = await producer(kafka)
  await lanes.send(topic, outgoing('key', 'value'))
  const servers = kafka.cluster()
  onTestFinished(() => servers.disconnect())
  await servers.connect()
  await servers.addTargetTopic(topic)
  const leader = servers.findTopicPartitionMetadata(topic)[0]?.leader
  const read = async (nodeId: number) => {
    const broker = await servers.findBroker({ nodeId: `${nodeId}` })
    const partitions = [{ topic, partition: 0, offset: 0n, maxBytes: 1000 }]
    const { answer } = await sendRequest(broker, FETCH, { partitions, maxWaitMs: 0, maxBytes: 1000 })
    return answer[0]
  }
  for (const nodeId of [1, 2, 3]) {
    const answer = await read(nodeId)
    if (nodeId === leader) expect(answer).toMatchObject({ errorCode: 0, highWatermark: 1n })
    else expect(answer && partitionError(answer)).toMatchObject({ type: 'NOT_LEADER_FOR_PARTITION' })
  }
})

test.each(['freeze', 'kill'] as const)('after the %s of a leader no acknowledged record is lost, none is there twice', async (fault) => {
  const { nodes, brokers } = await threeBrokers()
  const kafka = connection({ brokers })
  const topic = await createTopic({ brokers, partitions: 3, replicationFactor: 3 })
  const lanes = await producer(kafka)
  const leader = await kafka.withAdmin(
    async (admin) => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions[0]?.leader,
  )
  const victim = nodes.find((node) => node.id === leader)
  const read: string[] = []
  const onRecords = (records: readonly { value: Buffer | null }[]) => void read.push(...records.map((record) => `${record.value}`))
  const tail = createTail({ topic }, { clock: SYSTEM_CLOCK, kafka, log, metrics: metrics(), onRecords, onGap: () => {} })
  onTestFinished(() => tail.stop())
  await tail.start('earliest')
  let acknowledged = 0
  const sending = keepSending(async (value) => {
    await lanes.send(topic, outgoing(value, value))
    acknowledged += 1
  }, 2)
  await eventually(() => acknowledged > 500)
  await victim?.[fault]()
  const before = acknowledged
  // All three lanes have to come back, the one of the victim's partition too.
  await eventually(() => acknowledged > before + 1500 && lanes.queued().records < 50, { timeoutMs: 90_000 })
  const sent = await sending.stop()
  await (fault === 'freeze' ? victim?.thaw() : victim?.start())
  // A broker that wakes up shows its old end of the log until it hears that it no longer leads.
  const records = await eventually(
    async () => {
      const all = await readAll(kafka, topic)
      expect(all.map((record) => Number(record.value)).sort((one, other) => one - other)).toEqual(sent.map(Number))
      return all
    },
    { timeoutMs: 15_000 },
  )
  const ofTail = records.filter((record) => record.partition === 0).map((record) => `${record.value}`)
  await eventually(() => expect(read).toEqual(ofTail), { timeoutMs: 10_000 })
})

test('after an unclean election the tail goes back to where the logs part: no new record is skipped, no old one is repeated', async () => {
  const { nodes, brokers } = await threeBrokers()
  const [leader, follower] = nodes
  const kafka = connection({ brokers })
  const config = { 'min.insync.replicas': '1', 'unclean.leader.election.enable': 'true', 'message.timestamp.type': 'LogAppendTime' }
  const topic = await createTopic({ brokers, replicas: [1, 2], config })
  const lanes = await producer(kafka)
  const send = async (prefix: string, count: number) => {
    for (let index = 0; index < count; index++) await lanes.send(topic, outgoing(null, `${prefix} ${index}`))
    return Array.from({ length: count }, (_, index) => `${prefix} ${index}`)
  }
  const read: string[] = []
  const gaps: TailGap[] = []
  const onRecords = (records: readonly { value: Buffer | null }[]) => void read.push(...records.map((record) => `${record.value}`))
  const tail = createTail(
    { topic },
    { clock: SYSTEM_CLOCK, kafka, log, metrics: metrics(), onRecords, onGap: (gap) => void gaps.push(gap) },
  )
  onTestFinished(() => tail.stop())
  await tail.start('earliest')
  const kept = await send('kept', 20)
  await eventually(() => expect(read).toEqual(kept))
  await follower?.kill()
  const lost = await send('lost', 25)
  await eventually(() => expect(read).toEqual([...kept, ...lost]))
  await Promise.all([leader?.kill(), follower?.start()])
  const anew = await send('new', 40)
  await eventually(() => expect(read.slice(45)).toEqual(anew), { timeoutMs: 30_000 })
  expect(gaps).toEqual([{ requested: 45n, next: 20n, reason: 'truncated' }])
  await leader?.start()
})
