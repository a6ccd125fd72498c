import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createNode, startBridge } from '../support/bridge/start-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { createTopics, deleteTopic } from '../support/stack/create-topic.ts'
import { createTopicClient } from '../support/stack/topic-client.ts'

test('while the dead-letter topic is away its partition waits, the others flow, and ready says why', async () => {
  const node = await createNode({ partitions: 2 })
  const bridge = await startBridge(node)
  const client = await createTopicClient()
  const { deadLetters, notifications, events } = node.topics
  await deleteTopic(deadLetters)

  await client.producer.send(notifications, { key: 'bad', value: Buffer.from('{'), headers: {} }, { partition: 0 })
  const hashes = Array.from({ length: 20 }, () => randomBytes(32).toString('hex'))
  for (const hash of hashes) {
    const value = Buffer.from(JSON.stringify({ type: 'Subtree', hash }))
    await client.producer.send(notifications, { key: hash, value, headers: {} }, { partition: 1 })
  }
  const inLog = async () => (await client.readAll(events)).filter(({ headers }) => headers.type === 'subtree')
  await eventually(async () => expect(await inLog()).toHaveLength(hashes.length), { timeoutMs: 20_000, intervalMs: 200 })
  const offsets = () => client.committed(`${node.name}.log`, notifications)
  await eventually(async () => expect((await offsets())[1]).toBe(hashes.length), { timeoutMs: 20_000, intervalMs: 200 })
  expect((await offsets())[0]).toBeLessThan(1)
  const producer = () => bridge.health.report().parts.find(({ part }) => part === 'producer')
  await eventually(() => expect(producer()).toMatchObject({ ready: false, reason: expect.stringContaining(deadLetters) }), {
    timeoutMs: 20_000,
  })

  await createTopics([{ name: deadLetters, partitions: 2 }])
  await eventually(async () => expect(await client.readAll(deadLetters, 2)).not.toEqual([]), { timeoutMs: 30_000, intervalMs: 200 })
  await eventually(async () => expect((await offsets())[0]).toBe(1), { timeoutMs: 20_000, intervalMs: 200 })
  await eventually(() => expect(producer()?.ready).toBe(true), { timeoutMs: 20_000 })
})
