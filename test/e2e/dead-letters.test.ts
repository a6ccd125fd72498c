import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { runKafkaTool } from '../../deploy/local/kafka/tool.ts'
import { startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createNodeTopics } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { kafkaBrokers } from '../support/stack/shared-stack.ts'
import { type TailedRecord, tailTopic } from '../support/stack/tail-topic.ts'

const MEBIBYTE = 1024 * 1024
const CUT_TO_BYTES = 256 * 1024

test('a record that nobody can read, and one that the dead letters do not take whole, are put there, and the next one flows', async () => {
  const node = await createNodeEnvironment({ KAFKA_PARTITIONS: '1' })
  await createNodeTopics(node)
  const inTopic = node.topic('blockchain-notifications')
  const entity = ['--entity-type', 'topics', '--entity-name', inTopic]
  const larger = ['--alter', ...entity, '--add-config', `max.message.bytes=${4 * MEBIBYTE}`]
  expect(await runKafkaTool('configs', ['--bootstrap-server', kafkaBrokers().join(','), ...larger])).toMatchObject({ code: 0 })
  const bridge = startBridgeProcess(node.environment)
  await bridge.ready()

  const services = await createNodeServices()
  const unknown = Buffer.concat([Buffer.from([0, 0, 0, 0xff, 0xff]), Buffer.from('of another registry')])
  const large = Buffer.from(`{"type":"Subtree","hash":"${'x'.repeat(2 * MEBIBYTE)}"}`)
  await services.produce(inTopic, { key: 'unknown', value: unknown, headers: { origin: 'a test' } })
  await services.produce(inTopic, { key: 'large', value: large })
  const [hash] = await services.announceSubtrees(inTopic, 1)

  const events = async () => (await tailTopic('p2p-events', node.environment)).filter(({ headers }) => headers.type === 'subtree')
  await eventually(
    async () => expect((await events()).map(({ value }) => (value as { subtree: { hash: string } }).subtree.hash)).toEqual([hash]),
    {
      timeoutMs: 20_000,
    },
  )
  const letters = await eventually(async () => {
    const found = await tailTopic('p2p-dead-letters', node.environment)
    expect(found.map(({ key }) => key)).toEqual([`${inTopic}:0:0`, `${inTopic}:0:1`])
    return found
  })
  const [first, second] = letters as [TailedRecord, TailedRecord]
  expect(first.headers).toMatchObject({
    type: 'dead-letter',
    reason: 'unknown-schema',
    'original-topic': inTopic,
    'original-partition': '0',
    'original-offset': '0',
    'original-key': 'unknown',
    'original-header-origin': 'a test',
    'bridge-id': node.name,
  })
  expect(first.value).toBe(`base64:${unknown.toString('base64')}`)
  expect(second.headers).toMatchObject({
    reason: 'bad-content',
    'original-size': `${large.length}`,
    'original-sha256': createHash('sha256').update(large).digest('hex'),
    cut: '1',
  })
  expect(second.value).toHaveLength(CUT_TO_BYTES)
  expect(await bridge.health('/metrics')).toMatch(/bridge_dead_letters_total\{[^}]*reason="unknown-schema"[^}]*\} 1/)
  expect(await bridge.end('SIGTERM')).toMatchObject({ code: 0 })
})
