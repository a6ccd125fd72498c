import { randomUUID } from 'node:crypto'
import { type Logger, pino } from 'pino'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { startAdapter } from '../../src/app/adapter/start-adapter.ts'
import { SYSTEM_CLOCK } from '../../src/lifecycle/clock.ts'
import { Health } from '../../src/lifecycle/health.ts'
import { startBlockchainServer } from '../support/bridge/blockchain-server.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { settingsOf } from '../support/bridge/settings.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { createTopic } from '../support/stack/create-topic.ts'
import { kafkaBrokers } from '../support/stack/shared-stack.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'

const log: Logger = pino({ level: process.env.KAFKA_TEST_LOG ?? 'silent' })

/** The environment of the adapters of one node, on topics of their own. */
async function createNode(more: Record<string, string>): Promise<Record<string, string>> {
  const topic_prefix = `a${randomUUID().slice(0, 8)}.`
  await createTopic({ name: `${topic_prefix}blockchain-notifications`, partitions: 3 })
  return {
    KAFKA_BROKERS: kafkaBrokers().join('|'),
    TOPIC_PREFIX: topic_prefix,
    BRIDGE_ID: `node-${topic_prefix}`,
    NETWORK: 'regtest',
    ...more,
  }
}

async function startInstance(environment: Record<string, string>) {
  const [port] = await freePorts(1)
  const health = new Health({ clock: SYSTEM_CLOCK })
  const settings = settingsOf({ ...environment, HEALTHLISTENADDRESS: `127.0.0.1:${port}` })
  const { signal } = new AbortController()
  const { stop } = await startAdapter(settings, { log, registry: new Registry(), health, signal, onWaiting: () => {} })
  onEnd(stop)
  const said = (part: string) => health.report().parts.find((each) => each.part === part)
  return { stop, follows: () => said('node')?.reason === 'follows the node', said }
}

/** What the bridge reads, in the order of time. */
async function notifications(environment: Record<string, string>): Promise<string[]> {
  const records = await tailTopic('notifications', environment)
  return records
    .toSorted((one, other) => one.time.localeCompare(other.time))
    .map(({ value, headers }) => `${(value as { type: string }).type} ${(value as { hash: string }).hash} ${headers['written-by']}`)
}

const block = (hash: string) => [`Block ${hash} adapter`, `MiningOn ${hash} adapter`]

test('of two adapters one follows the node; the other takes over, and no repeated tip is a new block', async () => {
  const node = await startBlockchainServer()
  const environment = await createNode({ BLOCKCHAIN_GRPCADDRESS: node.address })
  const one = await startInstance(environment)
  await eventually(one.follows)
  const other = await startInstance(environment)
  await eventually(() => other.said('node')?.reason === 'another instance of the adapter follows the node' || other.follows())
  await eventually(() => node.subscribers() === 1 && one.follows() !== other.follows())

  const expected = block(node.first)
  const is = async (records: string[]) =>
    expect((await notifications(environment)).filter((each) => !each.startsWith('Subtree')).toSorted()).toEqual(records.toSorted())
  await eventually(() => is(expected))
  const subtree = 'cd'.repeat(32)
  // While the members of the group change nobody may be subscribed, and nobody looks for a lost subtree.
  await eventually(async () => {
    node.subtree(subtree)
    expect(await notifications(environment)).toContain(`Subtree ${subtree} adapter`)
  })
  expected.push(...block(node.mine()))
  await eventually(() => is(expected))

  node.hangUp()
  await eventually(() => node.subscribers() === 1)
  const [active, waiting] = one.follows() ? [one, other] : [other, one]
  await active.stop()
  await eventually(waiting.follows)
  expected.push(...block(node.mine()))
  await eventually(() => is(expected))
})

test('the topic blocks-final is a source too; what is no block in it is passed over', async () => {
  const topic = await createTopic()
  const environment = await createNode({ ADAPTER_SOURCE: 'blocks-final', KAFKA_TOPIC_BLOCKS_FINAL: topic })
  const services = await createNodeServices()
  const header = Buffer.alloc(80, 7)
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const value = Buffer.concat([Buffer.from([0x0a, 80]), header, Buffer.from([0x10, 3, 0x18, 9, 0x30, 5])])
  await services.produce(topic, { key: 'x', value: 'no block' }, { key: 'y', value, headers: { traceparent } })
  const instance = await startInstance(environment)
  await eventually(async () => expect(await notifications(environment)).toHaveLength(2))
  await instance.stop()
  const records = await tailTopic('notifications', environment)
  expect(records.map(({ headers }) => headers.traceparent)).toEqual([traceparent, traceparent])
  const [first] = records.map(({ value }) => value)
  expect(first).toMatchObject({ height: 5, txCount: 3, sizeInBytes: 9, header: header.toString('hex') })
  await startInstance(environment)
  await services.produce(topic, { key: 'z', value: Buffer.concat([value, Buffer.from([0x30, 6])]) })
  await eventually(async () => expect(await notifications(environment)).toHaveLength(4))
})
