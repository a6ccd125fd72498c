import { type Admin, Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { createNode, launchBridge, startBridge, type TestBridge } from '../support/bridge/start-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { kafkaBrokers } from '../support/stack/shared-stack.ts'
import { createTopicClient } from '../support/stack/topic-client.ts'

const WITHIN = { timeoutMs: 20_000 }

function stranger(clientId: string): Kafka {
  return new Kafka({ clientId, brokers: kafkaBrokers(), logLevel: logLevel.NOTHING })
}

async function admin(): Promise<Admin> {
  const client = stranger('operator').admin()
  await client.connect()
  onEnd(() => client.disconnect())
  return client
}

const part = ({ health }: TestBridge, name: string) => health.report().parts.find((each) => each.part === name)

test('a log with the wrong kind of timestamps is said, with the fix, and no longer once it is mended', async () => {
  const node = await createNode()
  const operator = await admin()
  const resource = { type: 2, name: node.topics.events }
  const setTimestamps = async (value: string) => {
    await operator.alterConfigs({
      validateOnly: false,
      resources: [{ ...resource, configEntries: [{ name: 'message.timestamp.type', value }] }],
    })
    // The broker answers a moment before it does what it was told.
    await eventually(async () => {
      const { resources } = await operator.describeConfigs({ includeSynonyms: false, resources: [resource] })
      const entry = resources[0]?.configEntries.find(({ configName }) => configName === 'message.timestamp.type')
      return entry?.configValue === value
    }, WITHIN)
  }
  await setTimestamps('CreateTime')
  const bridge = await launchBridge(node)
  await eventually(
    () =>
      expect(part(bridge, 'event log topic')).toMatchObject({
        ready: false,
        reason: expect.stringMatching(
          /has message\.timestamp\.type=CreateTime, wanted is LogAppendTime: kafka-configs --bootstrap-server \S+ --alter /,
        ),
      }),
    WITHIN,
  )
  await setTimestamps('LogAppendTime')
  await eventually(() => expect(part(bridge, 'event log topic')).toMatchObject({ ready: true }), WITHIN)
})

test('a bridge that comes to the log of another one says so and writes nothing until that one has gone', async () => {
  const node = await createNode()
  const client = await createTopicClient()
  const rightful = await startBridge(node)
  const records = async () => (await client.readAll(node.topics.events)).map(({ headers }) => headers['bridge-id'])
  const { P2P_PRIVATE_KEY: _key, ...environment } = node.environment
  const [port] = await freePorts(1)
  const intruder = await launchBridge({ ...node, environment }, { BRIDGE_ID: 'intruder', ROLES: 'relay,admin', P2P_PORT: `${port}` })
  await eventually(
    () =>
      expect(part(intruder, 'event log ownership')).toMatchObject({
        ready: false,
        reason: expect.stringContaining(`an instance record there has bridge_id "${node.name}", this bridge has "intruder"`),
      }),
    WITHIN,
  )
  expect(new Set(await records())).toEqual(new Set([node.name]))
  expect(rightful.health.report()).toMatchObject({ ready: true })
  await rightful.stop()
  await intruder.started
  await eventually(() => expect(part(intruder, 'event log ownership')).toMatchObject({ ready: true }), WITHIN)
  await eventually(async () => expect(await records()).toContain('intruder'), WITHIN)
})

test('a program that uses a group of the bridge is counted, until it leaves', async () => {
  const node = await createNode()
  const bridge = await startBridge(node)
  const foreign = async () => (await bridge.registry.getSingleMetric('bridge_group_foreign_members')?.get())?.values ?? []
  await eventually(async () => expect((await foreign()).map(({ value }) => value)).toEqual([0, 0]), WITHIN)
  const consumer = stranger('console').consumer({ groupId: `${node.name}.log` })
  await consumer.connect()
  let isConnected = true
  const leave = async () => {
    if (isConnected) await consumer.disconnect()
    isConnected = false
  }
  onEnd(leave)
  await consumer.subscribe({ topics: [node.topics.notifications] })
  await consumer.run({ eachMessage: async () => {} })
  await eventually(async () => {
    expect(await foreign()).toContainEqual(expect.objectContaining({ labels: { group: `${node.name}.log` }, value: 1 }))
  }, WITHIN)
  const joins = async () => {
    const { values = [] } = (await bridge.registry.getSingleMetric('bridge_group_joins_total')?.get()) ?? {}
    return values.find(({ labels }) => (labels as { group?: string }).group === `${node.name}.log`)?.value ?? 0
  }
  const joinsBefore = await joins()
  await leave()
  await eventually(async () => expect((await foreign()).map(({ value }) => value)).toEqual([0, 0]), WITHIN)
  await eventually(async () => expect(await joins()).toBeGreaterThan(joinsBefore), WITHIN)
})
