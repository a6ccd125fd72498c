import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { patchRunner } from '../../../../../src/kafka/client/patches/runner-patch.ts'

const require = createRequire(import.meta.url)
const Runner = require('kafkajs/src/consumer/runner')

const logger = { debug() {}, info() {}, warn() {}, error() {}, namespace: () => logger }

/** A member that reads from two brokers, whose answers come when the test says so. */
function member() {
  const nodeIds = ['1', '2']
  const asked = new Map<string, () => void>()
  const consumerGroup = {
    groupId: 'g',
    memberId: 'm',
    joinAndSync: async () => {},
    connect: async () => {},
    leave: async () => {},
    heartbeat: async () => {},
    fetch: (nodeId: string) => new Promise<unknown[]>((resolve) => asked.set(nodeId, () => resolve([]))),
    getNodeIds: () => [...nodeIds],
  }
  const runner = new Runner({
    logger,
    consumerGroup,
    instrumentationEmitter: new EventEmitter(),
    eachBatch: async () => {},
    onCrash: () => {},
    retry: { retries: 2, initialRetryTime: 10 },
  })
  return { runner, answer: (nodeId: string) => asked.get(nodeId)?.(), brokerComes: () => nodeIds.push('3') }
}

test('a member that stops while its fetchers are made anew ends, and the event loop goes on', async () => {
  patchRunner()
  patchRunner()
  const { runner, answer, brokerComes } = member()
  await runner.start()
  brokerComes()
  answer('1') // sees the new broker, and waits for the other fetcher to end
  await new Promise((resolve) => setImmediate(resolve))
  const stopped = runner.stop()
  answer('2')
  await stopped
  expect(runner.consuming).toBe(false)
})
