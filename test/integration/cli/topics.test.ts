import { expect, test } from 'vitest'
import { createNode } from '../../support/bridge/start-bridge.ts'
import { createTopic } from '../../support/stack/create-topic.ts'
import { runCli } from '../bans/run-cli.ts'

test('`topics check` looks at the topics that the roles of the process use, and prints commands that can be typed', async () => {
  const node = await createNode()
  const check = (prefix: string, ...words: string[]) => runCli(['topics', 'check', ...words], { ...node.environment, TOPIC_PREFIX: prefix })
  const prefix = `edge-${node.name}.`
  await createTopic({ name: `${prefix}p2p-events` })

  const edge = await check(prefix, '--roles', 'edge')
  expect(edge.out).not.toMatch(/does not exist/)
  expect(edge.out).toMatch(
    new RegExp(`Type: kafka-configs --bootstrap-server ${node.environment.KAFKA_BROKERS} --alter .*message.timestamp.type=LogAppendTime`),
  )
  const relay = await check(prefix)
  expect(relay.out.match(/does not exist/g)?.length).toBeGreaterThan(5)
  expect(relay.exitCode).toBe(1)
})
