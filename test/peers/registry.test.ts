import { randomBytes } from 'node:crypto'
import { expect, inject, test } from 'vitest'
import { runCommand } from '../../deploy/local/programs/command.ts'
import { runBridge, startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createTwoNodes, type NodeEnvironment } from '../support/bridge/node-environment.ts'
import { eventually } from '../support/eventually.ts'
import { kafkaBrokers } from '../support/stack/shared-stack.ts'
import { type TailedRecord, tailTopic } from '../support/stack/tail-topic.ts'
import { createTopicClient } from '../support/stack/topic-client.ts'
import './peer-programs.ts'

/** Topics of which the simulation and a ban leave records. */
const TOPICS = ['blockchain-notifications', 'rejectedtx', 'ban-commands', 'p2p-events', 'blocks', 'subtrees', 'p2p-bans']
const WITHIN = { timeoutMs: 60_000, intervalMs: 200 }
const clients = inject('registryClients')

// What the node's services of others find: two bridges, and topics with records of all kinds.
const [a, b] = await createTwoNodes()
const bridges = [a, b].map((node) => startBridgeProcess(node.environment))
await Promise.all(bridges.map((bridge) => bridge.ready()))
const nodes = ['--node', `${a.name}.`, '--node', `${b.name}.`]
const rates = ['--blocks-per-second', '10', '--subtrees-per-second', '10', '--rejected-per-second', '10']
expect(await runBridge(['simulate', ...nodes, ...rates, '--for', '3'], a.environment)).toMatchObject({ code: 0 })
expect(await runBridge(['bans', 'add', '192.0.2.0/24', '--duration', '1h'], b.environment)).toMatchObject({ code: 0 })
await eventually(async () => {
  for (const topic of TOPICS) expect(await tailTopic(topic, b.environment), topic).not.toHaveLength(0)
}, WITHIN)
const topicClient = await createTopicClient()
const registry = `${b.healthUrl}/schema-registry`

interface Notification {
  readonly type: 'Subtree'
  readonly hash: string
}

interface Client {
  read(topic: string): Promise<{ key: string; value: Record<string, unknown> | null }[]>
  write(topic: string, notification: Notification): Promise<void>
}

/** A client that connects to Kafka by itself. */
function withKafka(command: string, ...first: string[]): Client {
  const run = async (topic: string, task: string, input = '') => {
    const args = [...first, kafkaBrokers()[0] ?? '', registry, topic, task]
    return (await succeeded(command, args, input)).map((line) => JSON.parse(line))
  }
  return {
    read: (topic) => run(topic, 'read'),
    write: async (topic, notification) => void (await run(topic, 'write', JSON.stringify(notification))),
  }
}

/** A client for bytes alone: this test reads and writes the records. */
function withBytes(command: string): Client {
  const run = (topic: string, task: string, lines: string[]) => succeeded(command, [registry, topic, task], `${lines.join('\n')}\n`)
  return {
    async read(topic) {
      const partitions = await topicClient.partitionCount(topic)
      const records = (await topicClient.readAll(topic, partitions)).filter(({ value }) => value !== null)
      const values = await run(
        topic,
        'read',
        records.map(({ value }) => value?.toString('hex') ?? ''),
      )
      return records.map(({ key }, index) => ({ key: `${key}`, value: JSON.parse(values[index] ?? '') }))
    },
    async write(topic, notification) {
      const [bytes = ''] = await run(topic, 'write', [JSON.stringify(notification)])
      await topicClient.producer.send(topic, { key: notification.hash, value: Buffer.from(bytes, 'hex'), headers: {} })
    },
  }
}

async function succeeded(command: string, args: string[], input: string): Promise<string[]> {
  const { code, stdout, stderr } = await runCommand(command, args, { timeoutMs: 90_000, input })
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.split('\n').filter((line) => line !== '')
}

const CLIENTS: [string, Client | undefined][] = [
  ['franz-go with hamba/avro', clients.go === undefined ? undefined : withKafka(clients.go)],
  ['@kafkajs/confluent-schema-registry', clients.javascript === undefined ? undefined : withKafka('node', clients.javascript, 'kafkajs')],
  ['@confluentinc/schemaregistry', clients.javascript === undefined ? undefined : withKafka('node', clients.javascript, 'confluent')],
  ['schema_registry_converter with apache-avro', clients.rust === undefined ? undefined : withBytes(clients.rust)],
]

/** What identifies a value: the hash, transaction id, event id or ban key. */
const identityOf = (value: Record<string, unknown> | null | undefined) => value?.hash ?? value?.txId ?? value?.id ?? value?.key ?? null

const sorted = (records: readonly { key?: string; value?: unknown }[]) =>
  records.map(({ key, value }) => `${key} ${identityOf(value as Record<string, unknown>)}`).sort()

async function beginning(node: NodeEnvironment, topic: string, count: number): Promise<TailedRecord[]> {
  return (await tailTopic(topic, node.environment)).slice(0, count)
}

test.each(CLIENTS.filter(([, client]) => client !== undefined))('%s reads all topics and writes a notification', async (_, client) => {
  if (!client) throw new Error('this client was not built')
  for (const topic of TOPICS.filter((each) => each !== 'p2p-events')) {
    // The last records of the simulation may still come.
    await eventually(async () => {
      const read = await client.read(b.topic(topic))
      expect(read.length, topic).toBeGreaterThan(0)
      expect(sorted(read)).toEqual(sorted(await tailTopic(topic, b.environment)))
    }, WITHIN)
  }
  // The event log goes on growing: its first part is compared.
  const events = await client.read(b.topic('p2p-events'))
  expect(events.map(({ key, value }) => [key, value?.type])).toEqual(
    (await beginning(b, 'p2p-events', events.length)).map(({ key, headers }) => [key, headers.type]),
  )

  const hash = randomBytes(32).toString('hex')
  await client.write(b.topic('blockchain-notifications'), { type: 'Subtree', hash })
  await eventually(async () => {
    const hashes = (await tailTopic('p2p-events', b.environment)).map(
      ({ value }) => (value as { subtree?: { hash: string } }).subtree?.hash,
    )
    expect(hashes).toContain(hash)
  }, WITHIN)
})
