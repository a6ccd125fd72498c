import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import {
  createGroupConsumer,
  type GroupConsumer,
  type GroupConsumerDeps,
  type GroupConsumerOptions,
} from '../../../../src/kafka/group/group-consumer.ts'
import { CommitRefusedError } from '../../../../src/kafka/group/membership/group-offsets.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { eventually } from '../../../support/eventually.ts'
import { granted } from '../../../support/granted.ts'
import { createTopic } from '../../../support/stack/create-topic.ts'
import { connection, health, log, metrics, outgoing, producer, randomName } from '../parts.ts'

class TransientError extends Error {}

/** A started member that remembers what it handled and what went to the dead letters. */
async function member(
  options: Partial<GroupConsumerOptions> & { topics: string[] },
  deps: Partial<GroupConsumerDeps> = {},
): Promise<GroupConsumer & { handled: string[]; dead: { value: string; error: unknown }[]; part: ReturnType<typeof health> }> {
  const handled: string[] = []
  const dead: { value: string; error: unknown }[] = []
  const part = health()
  const group = createGroupConsumer(
    { groupId: randomName('group'), sessionTimeoutMs: 15_000, maxInFlight: 10, ...options },
    {
      clock: SYSTEM_CLOCK,
      kafka: connection(),
      log,
      metrics: metrics(),
      health: part,
      isTransient: (error) => error instanceof TransientError,
      deadLetter: async (record, error) => {
        dead.push({ value: `${record.value}`, error })
      },
      ...deps,
      handle: async (record) => {
        await deps.handle?.(record)
        handled.push(`${record.value}`)
      },
    },
  )
  onTestFinished(() => group.stop())
  await group.start()
  return Object.assign(group, { handled, dead, part })
}

async function topicWith(values: string[], partitions = 1): Promise<string> {
  const topic = await createTopic({ partitions })
  const lanes = await producer(connection())
  await lanes.sendAll(
    topic,
    values.map((value) => outgoing(value, value)),
  )
  return topic
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index}`)

test('reads from the earliest offset, in order, and commits what is done', async () => {
  const topic = await topicWith(numbers(500))
  const group = await member({ topics: [topic] })
  await eventually(() => expect(group.handled).toEqual(numbers(500)))
  await eventually(async () => expect(await group.committed(topic, 0)).toMatchObject({ next: 500n }))
  expect(group.assigned()).toEqual(new Map([[topic, [0]]]))
  expect(group.part.isReady()).toBe(true)
  const readAt = performance.now()
  await eventually(() => expect(group.lastHeartbeatSentAt()).toBeGreaterThan(readAt))
})

test('a handler that throws a TypeError costs one dead letter and nothing else', async () => {
  const topic = await topicWith(['a', 'poison', 'b'])
  const group = await member(
    { topics: [topic] },
    {
      handle: async (record) => {
        if (`${record.value}` === 'poison') (undefined as unknown as { no(): void }).no()
      },
    },
  )
  await eventually(() => expect(group.handled).toEqual(['a', 'b']))
  expect(group.dead).toEqual([{ value: 'poison', error: expect.any(TypeError) }])
  await eventually(async () => expect(await group.committed(topic, 0)).toMatchObject({ next: 3n }))
})

test('a transient fault holds its partition until it is over, and only that one', async () => {
  const topic = await createTopic({ partitions: 2 })
  const lanes = await producer(connection())
  await lanes.send(topic, outgoing('stuck', 'stuck'), { partition: 0 })
  await lanes.send(topic, outgoing('behind', 'behind'), { partition: 0 })
  await lanes.sendAll(
    topic,
    numbers(50).map((value) => outgoing(value, value)),
    { partition: 1 },
  )
  let isOver = false
  const group = await member(
    { topics: [topic], maxInFlight: 1 },
    {
      handle: async (record) => {
        if (`${record.value}` === 'stuck' && !isOver) throw new TransientError('nobody is there')
      },
    },
  )
  await eventually(() => expect(group.handled).toEqual(numbers(50)))
  expect(await group.committed(topic, 0)).toBeUndefined()
  isOver = true
  await eventually(() => expect(group.handled.slice(50)).toEqual(['stuck', 'behind']))
  expect(group.dead).toEqual([])
})

test('while the dead letters cannot be written the partition waits and says so', async () => {
  const topic = await topicWith(['poison', 'next'])
  let canWrite = false
  const group = await member(
    { topics: [topic], maxInFlight: 1 },
    {
      handle: async (record) => {
        if (`${record.value}` === 'poison') throw new Error('never')
      },
      deadLetter: async () => {
        if (!canWrite) throw new Error('the topic is away')
      },
    },
  )
  await eventually(() => expect(group.part.said.join()).toContain(`${topic}:0 waits at offset 0`))
  expect(group.part.isReady()).toBe(false)
  expect(group.handled).toEqual([])
  canWrite = true
  await eventually(() => expect(group.handled).toEqual(['next']))
  await eventually(() => expect(group.part.isReady()).toBe(true))
})

test('handlers run side by side, are called in order, and only what is done without a hole is committed', async () => {
  const topic = await topicWith(numbers(6))
  const called: string[] = []
  const gates = new Map<string, () => void>()
  const group = await member(
    { topics: [topic], maxInFlight: 4 },
    {
      handle: async (record: KafkaRecord) => {
        called.push(`${record.value}`)
        await new Promise<void>((resolve) => gates.set(`${record.value}`, resolve))
      },
    },
  )
  await eventually(() => expect(called).toEqual(numbers(4)))
  gates.get('0')?.()
  gates.get('2')?.()
  await eventually(() => expect(called).toEqual(numbers(6)))
  await eventually(async () => expect(await group.committed(topic, 0)).toMatchObject({ next: 1n }))
  for (const open of gates.values()) open()
  await eventually(async () => expect(await group.committed(topic, 0)).toMatchObject({ next: 6n }))
})

test('a restarted member goes on behind what was committed', async () => {
  const topic = await topicWith(numbers(10))
  const groupId = randomName('group')
  const first = await member({ topics: [topic], groupId })
  await eventually(() => expect(first.handled).toHaveLength(10))
  await first.stop()
  const lanes = await producer(connection())
  await lanes.send(topic, outgoing('10', '10'))
  const second = await member({ topics: [topic], groupId })
  await eventually(() => expect(second.handled).toEqual(['10']))
})

test('two members share the partitions, and the rest takes over at once when one leaves', async () => {
  const topic = await createTopic({ partitions: 4 })
  const groupId = randomName('group')
  const lanes = await producer(connection())
  const first = await member({ topics: [topic], groupId })
  await eventually(() => expect(first.assigned().get(topic)).toHaveLength(4))
  const second = await member({ topics: [topic], groupId })
  await eventually(() => {
    expect(first.assigned().get(topic)).toHaveLength(2)
    expect(second.assigned().get(topic)).toHaveLength(2)
  })
  await lanes.sendAll(
    topic,
    numbers(200).map((value) => outgoing(value, value)),
  )
  await eventually(() => expect(new Set([...first.handled, ...second.handled]).size).toBe(200))
  expect(first.handled.length).toBeGreaterThan(0)
  expect(second.handled.length).toBeGreaterThan(0)
  const leftAt = performance.now()
  await first.stop()
  await eventually(() => expect(second.assigned().get(topic)).toHaveLength(4))
  expect(performance.now() - leftAt).toBeLessThan(granted(2500))
})

test('an owned topic is assigned but never delivered, and its offsets are committed by hand', async () => {
  const owned = await topicWith(numbers(20))
  const read = await topicWith(['x'])
  const assignments: string[][] = []
  const group = await member(
    { topics: [read], ownedTopics: [owned] },
    { onAssignment: (assigned) => assignments.push([...assigned.keys()].sort()) },
  )
  await eventually(() => expect(group.handled).toEqual(['x']))
  expect(assignments).toEqual([[owned, read].sort()])
  expect(await group.committed(owned, 0)).toBeUndefined()
  await group.commit({ topic: owned, partition: 0, next: 7n, metadata: 'a proof' })
  expect(await group.committed(owned, 0)).toEqual({ next: 7n, metadata: 'a proof' })
  await expect(group.commit({ topic: owned, partition: 5, next: 1n })).rejects.toBeInstanceOf(CommitRefusedError)
  expect(group.handled).toEqual(['x'])
})

test('a stop at any moment of the start leaves no member behind that the next one would have to wait for', async () => {
  const topic = await topicWith(['a'])
  const groupId = randomName('group')
  const sessionTimeoutMs = 60_000
  for (const afterMs of [0, 5, 10, 20, 40, 80, 160]) {
    const stopped = await member({ topics: [topic], groupId, sessionTimeoutMs })
    await pause(afterMs)
    await stopped.stop()
  }
  const startedAt = performance.now()
  const last = await member({ topics: [topic], groupId, sessionTimeoutMs })
  await eventually(() => expect(last.assigned()).toEqual(new Map([[topic, [0]]])))
  expect(performance.now() - startedAt).toBeLessThan(sessionTimeoutMs / 2)
})

test('a slow handler costs neither the membership nor the other partitions', async () => {
  const topic = await createTopic({ partitions: 2 })
  const lanes = await producer(connection())
  await lanes.send(topic, outgoing('slow', 'slow'), { partition: 0 })
  let finish: () => void = () => {}
  const assignments: number[] = []
  const group = await member(
    { topics: [topic], sessionTimeoutMs: 6000 },
    {
      onAssignment: (assigned) => assignments.push(assigned.size),
      handle: async (record) => {
        if (`${record.value}` !== 'slow') return
        await new Promise<void>((resolve) => {
          finish = resolve
        })
      },
    },
  )
  const startedAt = performance.now()
  await eventually(() => performance.now() - startedAt > 8000)
  await lanes.send(topic, outgoing('other', 'other'), { partition: 1 })
  await eventually(() => expect(group.handled).toEqual(['other']))
  finish()
  await eventually(() => expect(group.handled).toEqual(['other', 'slow']))
  expect(assignments).toEqual([1])
})

test('a missing topic is named with the command that makes it, and is read once it is there', async () => {
  const topic = randomName('late')
  const group = await member({ topics: [topic, await createTopic()] })
  await eventually(() => expect(group.part.said.join()).toMatch(new RegExp(`topic ${topic} does not exist.*gossip-bridge topics create`)), {
    timeoutMs: 10_000,
  })
  await createTopic({ name: topic })
  const lanes = await producer(connection())
  await lanes.send(topic, outgoing('a', 'a'))
  await eventually(() => expect(group.handled).toEqual(['a']), { timeoutMs: 10_000 })
  expect(group.part.isReady()).toBe(true)
})

test('without Kafka it says so and stops in time', async () => {
  const group = await member({ topics: ['anything'] }, { kafka: connection({ brokers: ['127.0.0.1:1'] }) })
  await eventually(() => expect(group.part.said.join()).toContain('Kafka at 127.0.0.1:1 does not answer'))
  const stopsAt = performance.now()
  await group.stop()
  expect(performance.now() - stopsAt).toBeLessThan(granted(5000))
})
