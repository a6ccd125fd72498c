import { expect, test } from 'vitest'
import { createNode, launchBridge, startBridge, type TestNode } from '../../support/bridge/start-bridge.ts'
import { eventually } from '../../support/eventually.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { createTopic, deleteTopic } from '../../support/stack/create-topic.ts'
import { createTopicClient } from '../../support/stack/topic-client.ts'
import { cuttableProxy } from '../postgres/cuttable-proxy.ts'
import { runCli } from './run-cli.ts'

const WITHIN = { timeoutMs: 45_000, intervalMs: 500 }

async function createAnew(topic: string, config: Record<string, string> = {}): Promise<void> {
  await deleteTopic(topic)
  await eventually(() => createTopic({ name: topic, config }), { timeoutMs: 20_000, intervalMs: 250 })
}

const bansOf =
  (node: TestNode) =>
  (...words: string[]) =>
    runCli(['bans', ...words], node.environment)

test('commands take effect in the order of their topic, however fast they come', async () => {
  const node = await createNode()
  const bridge = await startBridge(node, { BANLIST_DB: await createDatabase() })
  const { producer, codec } = await createTopicClient()
  const command = (action: string, key: string) => ({
    key,
    value: codec.encode('banCommands', { action, key, until: null, durationSeconds: null, permanent: action === 'add', reason: '' }),
    headers: {},
  })
  const keys = Array.from({ length: 50 }, (_, index) => `10.0.0.${index}`)
  const commands = keys.flatMap((key, index) => [command('add', key), command('remove', key), ...(index % 2 ? [command('add', key)] : [])])
  await producer.sendAll(node.topics.banCommands, commands, { partition: 0 })
  const handled = async () => {
    const { values } = (await bridge.registry.getSingleMetric('bridge_flow_records_total')?.get()) ?? { values: [] }
    return values.filter(({ labels }) => labels.flow === 'ban-commands').reduce((sum, { value }) => sum + value, 0)
  }
  await eventually(async () => expect(await handled()).toBeGreaterThanOrEqual(commands.length), WITHIN)
  const expected = keys.filter((_, index) => index % 2 === 1).sort()
  await eventually(async () => {
    const { out } = await bansOf(node)('list', '--json')
    expect(
      out
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).key)
        .sort(),
    ).toEqual(expected)
  }, WITHIN)
})

test('after the topic of the commands was created anew, the next commands count, and their effect is told', async () => {
  const node = await createNode()
  const bridge = await startBridge(node, { BANLIST_DB: await createDatabase() })
  const bans = bansOf(node)
  for (const key of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) expect((await bans('add', key)).exitCode).toBe(0)
  await createAnew(node.topics.banCommands)
  for (const key of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
    const run = await bans('remove', key, '--timeout', '40s')
    expect(run).toMatchObject({ exitCode: 0, out: `${key} is no longer banned.\n` })
  }
  expect(await bridge.registry.getSingleMetricAsString('bridge_ban_entries')).toMatch(/bridge_ban_entries 0/)
})

test('a topic of bans that was created anew is not taken for an empty list, and is filled again', async () => {
  const node = await createNode()
  const proxy = await cuttableProxy(await createDatabase())
  const bridge = await startBridge(node, { BANLIST_DB: proxy.url })
  const bans = bansOf(node)
  await eventually(async () => expect(await bans('list')).toMatchObject({ out: '', err: 'Nobody is banned.\n' }), WITHIN)
  for (const key of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) expect((await bans('add', key)).exitCode).toBe(0)

  await createAnew(node.topics.bans, { 'cleanup.policy': 'compact' })
  expect((await bans('check', '192.0.2.1')).err).toMatch(/There may be more bans: the topic .* is empty|^$/) // filled already, or said
  await eventually(async () => expect((await bans('list')).out.split('\n').filter(Boolean)).toHaveLength(3), WITHIN)
  expect((await bans('list')).err).toBe('')
  await bridge.stop()

  await proxy.cut()
  const withList = await startBridge(node, { BANLIST_DB: proxy.url })
  expect(withList.health.report().parts.find(({ part }) => part === 'bans')).toMatchObject({ ready: true, reason: /last published/ })
  expect(await withList.registry.getSingleMetricAsString('bridge_ban_entries')).toMatch(/bridge_ban_entries 3/)
  await withList.stop()

  await createAnew(node.topics.bans, { 'cleanup.policy': 'compact' })
  expect((await bans('list')).err).toMatch(/^There may be more bans: the topic \S+ is empty/)
  const without = await launchBridge(node, { BANLIST_DB: proxy.url })
  await eventually(() => {
    const part = without.health.report().parts.find((each) => each.part === 'bans')
    expect(part).toMatchObject({
      ready: false,
      reason: expect.stringMatching(/cannot take its place: the topic \S+ is empty.*no peer is let in/),
    })
  }, WITHIN)
  await proxy.mend()
  await without.started
  await eventually(async () => expect((await bans('list')).out.split('\n').filter(Boolean)).toHaveLength(3), WITHIN)
})
