import { expect, onTestFinished, test } from 'vitest'
import { PublishAgain, type PublishAgainDeps } from '../../../src/gossip/publish-again.ts'
import { eventually } from '../../support/eventually.ts'

const OPTIONS = { effectMs: 2000, maxAgeMs: 60_000, maxMessages: 10, retryMs: 20, keptMaxAgeMs: 600_000, lastingKind: 'block' } as const

/** Of which only what it publishes, and to whom, is looked at. */
function startFlow(world: Pick<PublishAgainDeps<'block' | 'subtree'>, 'publish' | 'isHeard'>) {
  const flow = new PublishAgain<'block' | 'subtree'>(OPTIONS, {
    ...world,
    onPublishedAgain: () => {},
    onTooOld: () => {},
    onError: () => {},
    now: () => 0,
  })
  onTestFinished(() => flow.stop())
  return flow
}

function setUp({ maxMessages = 10 } = {}) {
  const world = {
    listeners: 1,
    now: 0,
    published: [] as number[],
    again: 0,
    tooOld: [] as string[],
    errors: [] as unknown[],
    fault: undefined as Error | undefined,
  }
  const flow = new PublishAgain<'block' | 'subtree'>(
    { ...OPTIONS, maxMessages },
    {
      publish: async (_type, data) => {
        if (world.fault) throw world.fault
        if (world.listeners > 0) world.published.push(data[0] ?? 0)
        return world.listeners
      },
      isHeard: () => world.listeners > 0,
      onPublishedAgain: () => world.again++,
      onTooOld: (kind) => world.tooOld.push(kind),
      onError: (error) => world.errors.push(error),
      now: () => world.now,
    },
  )
  onTestFinished(() => flow.stop())
  const publish = (number: number, kind: 'block' | 'subtree' = 'subtree') => flow.publish(kind, Uint8Array.of(number))
  const listeners = (count: number) => {
    world.listeners = count
    flow.peersChanged()
  }
  return { world, flow, publish, listeners }
}

test('publishes again the messages that the last listener is not known to have dealt with', async () => {
  const { world, flow, publish, listeners } = setUp()
  await publish(1)
  world.now = 2500
  await publish(2)
  world.now = 4400
  flow.answered(4400)
  await publish(3)
  world.now = 30_000 // an overloaded machine: the end of the listener is noticed late
  listeners(0)
  listeners(1)
  await eventually(() => expect(world.published).toEqual([1, 2, 3, 2, 3]))
  expect(world.again).toBe(2)
})

test('an answer to an older ping takes nothing back', async () => {
  const { world, flow, publish, listeners } = setUp()
  await publish(1)
  world.now = 5000
  flow.answered(4000)
  flow.answered(1000)
  listeners(0)
  expect(flow.kept()).toBe(0)
})

test('a message is kept up to the greatest age when no listener has ever answered', async () => {
  const { world, flow, publish, listeners } = setUp()
  await publish(1)
  world.now = 1
  await publish(2)
  world.now = 60_001
  listeners(0)
  expect(flow.kept()).toBe(1)
})

test('publishes only once while another peer still listens', async () => {
  const { world, flow, publish, listeners } = setUp()
  listeners(2)
  await publish(1)
  listeners(1)
  listeners(2)
  expect(flow.kept()).toBe(0)
  expect(world.published).toEqual([1])
})

test('keeps a message that was being published when the last listener left', async () => {
  const { world, flow, publish } = setUp()
  const underWay = publish(1)
  world.listeners = 0
  flow.peersChanged()
  expect(await underWay).toBe(1)
  expect(flow.kept()).toBe(1)
})

test('does not keep a message that reached no peer: its record waits in Kafka', async () => {
  const { flow, publish, listeners } = setUp()
  listeners(0)
  expect(await publish(1)).toBe(0)
  listeners(0)
  expect(flow.kept()).toBe(0)
})

test('continues where it stopped after an attempt failed', async () => {
  const { world, flow, publish, listeners } = setUp()
  await publish(1)
  await publish(2)
  listeners(0)
  const fault = new Error('the queue to the peers is full')
  world.fault = fault
  listeners(1)
  await eventually(() => expect(world.errors).toContain(fault))
  expect(flow.kept()).toBe(2)
  world.fault = undefined
  await eventually(() => expect(world.published).toEqual([1, 2, 1, 2]))
})

test('keeps the newest messages beyond its bound', async () => {
  const { world, flow, publish, listeners } = setUp({ maxMessages: 2 })
  for (let number = 1; number <= 9; number++) await publish(number)
  listeners(0)
  expect(flow.kept()).toBe(2)
  world.published = []
  listeners(1)
  await eventually(() => expect(world.published).toEqual([8, 9]))
})

test('does not retry after it was stopped', async () => {
  const { world, flow, publish, listeners } = setUp()
  await publish(1)
  listeners(0)
  world.fault = new Error('the host stops')
  listeners(1)
  flow.stop()
  await eventually(() => expect(world.errors).toHaveLength(1))
  expect(flow.kept()).toBe(1)
})

test('a listener that leaves during a publish does not make it publish forever', async () => {
  let isHeard = false
  let published = 0
  const flow = startFlow({
    publish: async () => {
      published += 1
      isHeard = false
      if (published > 100) throw new Error('published for ever')
      return 1
    },
    isHeard: () => isHeard,
  })
  await flow.publish('subtree', Uint8Array.of(1))
  expect(flow.kept()).toBe(1)
  isHeard = true
  flow.peersChanged()
  await eventually(() => expect([published, flow.kept()]).toEqual([2, 1]))
})

test('what is kept while the kept messages are published is published after them, without another change of the peers', async () => {
  const published: number[] = []
  let isHeard = true
  let passOn = () => {}
  let isHeld = false
  const flow = startFlow({
    publish: async (_kind, data) => {
      if (isHeld) await new Promise<void>((resolve) => (passOn = resolve))
      published.push(data[0] ?? 0)
      return 1
    },
    isHeard: () => isHeard,
  })
  const listener = (isThere: boolean) => {
    isHeard = isThere
    flow.peersChanged()
  }
  await flow.publish('subtree', Uint8Array.of(1))
  listener(false)
  isHeld = true
  listener(true) // 1 waits for its turn
  isHeld = false
  await flow.publish('subtree', Uint8Array.of(2))
  listener(false)
  listener(true)
  passOn()
  await eventually(() => expect(published).toEqual([1, 2, 1, 2]))
})

test('what has waited for a listener for too long is dropped and told, except for the newest block', async () => {
  const { world, publish, listeners } = setUp()
  await publish(1, 'block')
  await publish(2, 'block')
  await publish(3)
  listeners(0)
  world.now = 600_001
  listeners(1)
  await eventually(() => expect(world.published).toEqual([1, 2, 3, 2]))
  expect(world.tooOld).toEqual(['block', 'subtree'])
})
