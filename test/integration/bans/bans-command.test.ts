import { expect, test } from 'vitest'
import { readSchemas } from '../../../src/messages/codec/schemas.ts'
import { createNode, startBridge } from '../../support/bridge/start-bridge.ts'
import { eventually } from '../../support/eventually.ts'
import { onEnd } from '../../support/on-end.ts'
import { createDatabase } from '../../support/stack/create-database.ts'
import { startRegistry } from '../../support/stack/registry-server.ts'
import { tailTopic } from '../../support/stack/tail-topic.ts'
import { createTopicClient } from '../../support/stack/topic-client.ts'
import { type CliRun, runCli } from './run-cli.ts'

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

test('bans are added, shown and lifted from the command line, by way of a bridge', async () => {
  const node = await createNode()
  await startBridge(node, { BANLIST_DB: await createDatabase() })
  const bans = (...words: string[]): Promise<CliRun> => runCli(['bans', ...words], node.environment)

  expect(await bans('add', '192.0.2.77/24', '--duration', '30m', '--reason', 'spam\u001b[31m')).toMatchObject({
    exitCode: 0,
    err: '',
    out: expect.stringMatching(/^192\.0\.2\.0\/24 is banned until \d{4}-.*Z, because "spam\\u001b\[31m"\.\n$/),
  })
  const permanent = await bans('add', PEER, '--permanent', '--json')
  expect(JSON.parse(permanent.out)).toMatchObject({
    action: 'add',
    key: PEER,
    until: null,
    changed: true,
    cause: expect.stringMatching(new RegExp(`^${node.topics.banCommands}:0:1@\\d+-[0-9a-f]{16}$`)),
  })
  expect((await bans('add', PEER, '--permanent')).out).toMatch(/banned for good already.*nothing changed/)

  await eventually(async () => expect((await bans('list')).out.split('\n').filter(Boolean)).toHaveLength(2))
  expect((await bans('check', '192.0.2.9')).out).toMatch(/^192\.0\.2\.9 is banned by 192\.0\.2\.0\/24 until/)
  expect((await bans('check', '192.0.3.9')).out).toBe('192.0.3.9 is not banned\n')
  expect(JSON.parse((await bans('check', '192.0.2.128/25', '--json')).out)).toMatchObject({ banned: true, by: { key: '192.0.2.0/24' } })
  expect(JSON.parse((await bans('check', '192.0.0.0/16', '--json')).out)).toMatchObject({ banned: false, by: null })

  expect((await bans('remove', '192.0.2.9')).out).toBe('There was no ban of exactly 192.0.2.9: nothing changed.\n')
  expect((await bans('remove', '192.0.2.0/24')).out).toBe('192.0.2.0/24 is no longer banned.\n')
  expect((await bans('clear')).err).toMatch(/--yes/)
  expect((await bans('clear', '--yes')).out).toBe('All bans are lifted.\n')
  await eventually(async () => expect(await bans('list')).toMatchObject({ out: '', err: 'Nobody is banned.\n' }))
})

test('without a database bans work, and the published ones hold after a restart', async () => {
  const node = await createNode()
  const bridge = await startBridge(node)
  expect((await runCli(['bans', 'add', '192.0.2.1'], node.environment)).out).toMatch(/^192\.0\.2\.1 is banned until/)
  const client = await createTopicClient()
  await eventually(async () => expect((await client.readAll(node.topics.bans)).map(({ key }) => String(key))).toContain('192.0.2.1'))
  await bridge.stop()
  const again = await startBridge(node)
  expect(await again.registry.getSingleMetricAsString('bridge_ban_entries')).toMatch(/bridge_ban_entries 1/)
  expect(again.health.report().parts.find(({ part }) => part === 'bans')).toMatchObject({ ready: true, reason: /banlist_db is not set/ })
})

test('says what to look at when no bridge runs', async () => {
  const node = await createNode()
  const run = await runCli(['bans', 'add', '192.0.2.1', '--timeout', '6s'], node.environment)
  expect(run).toMatchObject({ exitCode: 1, out: '' })
  expect(run.err).toMatch(
    new RegExp(
      `No bridge has told of the effect of the command ${node.topics.banCommands}:0:0 within 6 s.*waits in the topic.*group ${node.name}.log`,
      's',
    ),
  )
})

test('says which topic is missing', async () => {
  const node = await createNode()
  const run = await runCli(['bans', 'list'], { ...node.environment, TOPIC_PREFIX: 'nobody.' })
  expect(run).toMatchObject({ exitCode: 1, err: expect.stringMatching(/nobody\.p2p-bans/) })
  const change = await runCli(['bans', 'remove', '192.0.2.1', '--timeout', '6s'], {
    ...node.environment,
    KAFKA_TOPIC_BAN_COMMANDS: 'nowhere',
  })
  expect(change).toMatchObject({ exitCode: 1, err: expect.stringMatching(/nowhere/) })
})

test.each([
  [['add', 'example.org'], /host names are not banned/],
  [['add', '192.0.2.1', '--until', '2001-01-01'], /was over when the command was given/],
  [['add', '192.0.2.1', '--until', 'soon'], /it takes a time such as/],
  [['add', '192.0.2.1', '--duration', '5'], /it takes a time span/],
  [['add', '192.0.2.1', '--permanent', '--duration', '1h'], /only one of/],
  [['check', '1.2.3.4/40'], /prefix length is 0 to 32/],
])('refuses %j before it asks Kafka', async (words, message) => {
  const run = await runCli(['bans', ...words], { KAFKA_BROKERS: '127.0.0.1:1', NETWORK: 'regtest', P2P_HANDSHAKE_TOPIC: 'handshake' })
  expect(run.exitCode).toBe(1)
  expect(run.err).toMatch(message)
  expect(run.err).not.toMatch(/ {4}at /)
})

test('with a schema registry of other ids, commands write what the bridge reads, and read what it writes', async () => {
  const node = await createNode()
  const schemas = readSchemas().map((schema) => ({ ...schema, id: schema.id + 1000 }))
  const registry = await startRegistry(node.topics, schemas)
  onEnd(() => registry.stop())
  const withRegistry = { SCHEMA_REGISTRY_URL: registry.url }
  const bridge = await startBridge(node, withRegistry)
  const environment = { ...node.environment, ...withRegistry }
  expect((await runCli(['bans', 'add', '192.0.2.1'], environment)).out).toMatch(/^192\.0\.2\.1 is banned until/)
  await eventually(async () => expect((await runCli(['bans', 'list'], environment)).out).toMatch(/^192\.0\.2\.1/))
  const [event] = await tailTopic('p2p-events', environment)
  expect(event).toMatchObject({ value: { type: expect.any(String) } })

  await bridge.stop()
  const again = await startBridge(node, withRegistry)
  expect(await again.registry.getSingleMetricAsString('bridge_ban_entries')).toMatch(/bridge_ban_entries 1/)

  registry.stop()
  const away = await runCli(['bans', 'list'], environment)
  expect(away).toMatchObject({
    exitCode: 1,
    out: '',
    err: expect.stringMatching(/^The schemas cannot be had: the request to the schema registry at .* failed: .*schema_registry_url lead/),
  })
})
