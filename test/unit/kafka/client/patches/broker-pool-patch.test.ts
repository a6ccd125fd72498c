import { createRequire } from 'node:module'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { patchBrokerPool } from '../../../../../src/kafka/client/patches/broker-pool-patch.ts'

interface Queue {
  timedOutAt?: number
  inflight: Map<number, { sentAtSteady: number; entry: { apiName: string } }>
}

const { prototype } = createRequire(import.meta.url)('kafkajs/src/cluster/brokerPool')

beforeAll(() => patchBrokerPool())

function broker(name: string, queue: Partial<Queue> = {}, isConnected = true) {
  return { name, isConnected: () => isConnected, connectionPool: { pool: [{ requestQueue: { inflight: new Map(), ...queue } }] } }
}

function poolOf(brokers: Record<string, ReturnType<typeof broker>>) {
  const asked: string[] = []
  const findBroker = async ({ nodeId }: { nodeId: string }) => {
    asked.push(nodeId)
    if (!brokers[nodeId]?.isConnected()) throw new Error(`cannot connect to ${nodeId}`)
    return brokers[nodeId]
  }
  return { pool: Object.assign(Object.create(prototype), { brokers, findBroker }), asked }
}

const late = (apiName: string) => new Map([[1, { sentAtSteady: performance.now() - 2000, entry: { apiName } }]])

test('metadata is requested from a broker that answers', async () => {
  const silent = { 1: broker('1', { inflight: late('Metadata') }), 2: broker('2', { timedOutAt: performance.now() - 1000 }) }
  const { pool } = poolOf({ ...silent, 3: broker('3') })
  for (let time = 0; time < 20; time++) expect(await pool.findConnectedBroker()).toMatchObject({ name: '3' })
})

test('a join that waits for other members, and an old timeout, do not make a broker silent', async () => {
  const joining = poolOf({ 1: broker('1', { inflight: late('JoinGroup') }), 2: broker('2', {}, false) })
  expect(await joining.pool.findConnectedBroker()).toMatchObject({ name: '1' })
  const past = poolOf({ 1: broker('1', { timedOutAt: performance.now() - 60_000 }), 2: broker('2', {}, false) })
  expect(await past.pool.findConnectedBroker()).toMatchObject({ name: '1' })
})

test('every broker is asked for a coordinator, silent and lost ones last', async () => {
  const { pool, asked } = poolOf({ 1: broker('1', {}, false), 2: broker('2', { inflight: late('Metadata') }), 3: broker('3') })
  const answered = await pool.withBroker(async ({ nodeId }: { nodeId: string }) => {
    if (nodeId === '3') throw new Error('no answer')
    return nodeId
  })
  expect(asked).toEqual(['3', '1', '2'])
  expect(answered).toBe('2')
})

test('without a known broker it throws, so that kafkajs requests the metadata first', async () => {
  await expect(poolOf({}).pool.withBroker(async () => 'never')).rejects.toMatchObject({ name: 'KafkaJSBrokerNotFound' })
})

test('when all known brokers have gone it throws, so that kafkajs requests the metadata from a bootstrap broker', async () => {
  const { pool, asked } = poolOf({ 1: broker('1', {}, false), 2: broker('2') })
  const isClosed = async () => {
    throw new Error('the connection was closed')
  }
  await expect(pool.withBroker(isClosed)).rejects.toMatchObject({ name: 'KafkaJSBrokerNotFound', message: 'no known broker answers' })
  expect(asked).toEqual(['2', '1'])
})

test('brokers that answer with an error are there', async () => {
  const { pool } = poolOf({ 1: broker('1', {}, false), 2: broker('2') })
  const refused = async () => {
    throw Object.assign(new Error('not authorized'), { type: 'GROUP_AUTHORIZATION_FAILED' })
  }
  expect(await pool.withBroker(refused)).toBeNull()
})

test('metadata ages by the steady clock', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let asked = 0
  const metadata = async () => {
    asked += 1
    return { brokers: [], topicMetadata: [{ topic: 't' }] }
  }
  const connected = { isConnected: () => true, metadata, connectionPool: { host: 'a', port: 1, pool: [] } }
  const pool = Object.assign(Object.create(prototype), {
    brokers: { 1: connected },
    seedBroker: connected,
    metadataMaxAge: 1000,
    retrier: (look: (bail: () => void) => Promise<void>) => look(() => {}),
    findBroker: async () => connected,
  })
  await pool.refreshMetadataIfNecessary(['t'])
  vi.setSystemTime(Date.now() + 120_000)
  await pool.refreshMetadataIfNecessary(['t'])
  expect(asked).toBe(1)
  vi.setSystemTime(Date.now() - 240_000)
  vi.advanceTimersByTime(1100)
  await pool.refreshMetadataIfNecessary(['t'])
  expect(asked).toBe(2)
  await pool.refreshMetadataIfNecessary(['another'])
  expect(asked).toBe(3)
})
