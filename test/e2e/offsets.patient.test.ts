import { expect, test } from 'vitest'
import { runKafkaTool } from '../../deploy/local/kafka/tool.ts'
import { startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createNodeEnvironment, createNodeTopics } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { kafkaBrokers } from '../support/stack/shared-stack.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'

/** The commands of the runbook's recipe, by Kafka's own tool. */
async function groups(...words: string[]): Promise<string> {
  const { stdout, stderr } = await runKafkaTool('consumer-groups', ['--bootstrap-server', kafkaBrokers().join(','), ...words])
  return `${stdout}${stderr}`
}

test('offsets are moved with the group empty, as the runbook says, and the bridge goes on there', async () => {
  const node = await createNodeEnvironment({ KAFKA_PARTITIONS: '1' })
  await createNodeTopics(node)
  const services = await createNodeServices()
  const group = `${node.name}.log`
  const reset = ['--group', group, '--reset-offsets']
  const topic = node.topic('blockchain-notifications')
  const inLog = async () => (await tailTopic('p2p-events', node.environment)).filter(({ headers }) => headers.type === 'subtree').length

  const bridge = startBridgeProcess(node.environment)
  await bridge.ready()
  await services.announceSubtrees(topic, 3)
  await eventually(async () => expect(await inLog()).toBe(3), { timeoutMs: 20_000, intervalMs: 250 })
  expect(await groups(...reset, '--topic', `${topic}:0`, '--to-offset', '1', '--execute')).toMatch(/inactive/)
  expect(await bridge.end('SIGTERM')).toMatchObject({ code: 0 })

  expect(await groups('--describe', '--group', group)).toContain('has no active members')
  const moved = (...words: string[]) => groups(...reset, '--topic', ...words, '--execute')
  const row = (name: string, offset: number) => new RegExp(`${group}\\s+${name}\\s+0\\s+${offset}\\s`)
  expect(await moved(topic, '--to-latest')).toMatch(row(topic, 3))
  expect(await moved(node.topic('p2p-events'), '--to-datetime', '2026-01-31T12:00:00.000')).toMatch(row(node.topic('p2p-events'), 0))
  expect(await groups(...reset, '--topic', `${topic}:0`, '--to-offset', '1', '--dry-run')).toMatch(row(topic, 1))
  expect(await moved(`${topic}:0`, '--to-offset', '1')).toMatch(row(topic, 1))

  const again = startBridgeProcess(node.environment)
  await again.ready()
  // It reads the last two once more, and knows them from the event log.
  const repeated = /^bridge_flow_records_total\{.*flow="kafka-to-log",outcome="repeated".*\} 2$/m
  await eventually(async () => expect(await again.health('/metrics')).toMatch(repeated), { timeoutMs: 20_000, intervalMs: 250 })
  expect(await inLog()).toBe(3)
  expect(await again.end('SIGTERM')).toMatchObject({ code: 0 })
})
