import { expect, onTestFinished, test } from 'vitest'
import { ChainFollower } from '../../../src/adapters/teranode/chain-follower.ts'
import { eventually } from '../../support/eventually.ts'
import { FakeChain, FakeLease, hashOf } from './fake-chain.ts'

function start(chain = new FakeChain(), lease = new FakeLease()) {
  const written: string[] = []
  const faults: string[] = []
  const health: string[] = []
  const follower = new ChainFollower(
    { lookEachMs: 10, retryMs: 1 },
    {
      chain,
      lease,
      health: { ready: (detail = 'ok') => void health.push(detail), notReady: (reason) => void health.push(`not ready: ${reason}`) },
      async write({ type, hash }) {
        const name = `${type} ${Number.parseInt(hash, 16)}`
        const fault = faults.indexOf(name)
        if (fault >= 0) throw new Error(`Kafka refuses ${faults.splice(fault, 1)}`)
        written.push(name)
      },
      count: () => {},
      onNotFound: () => {},
      onError: () => {},
    },
  )
  onTestFinished(() => follower.stop())
  follower.start()
  const blocks = () => written.filter((each) => each.startsWith('Block')).join()
  const isWritten = (expected: string) => eventually(() => blocks() === expected)
  return { chain, lease, follower, written, faults, blocks, isWritten, health }
}

test('a subscription that ends is opened again, and the tip that it repeats is no new block', async () => {
  const { chain, isWritten, blocks } = start()
  await isWritten('Block 1')
  chain.endSubscriptions()
  await eventually(() => chain.subscriptions > 1)
  chain.mine()
  await isWritten('Block 1,Block 2')
  expect(blocks()).toBe('Block 1,Block 2')
})

test('a restart writes nothing again', async () => {
  const first = start()
  await first.isWritten('Block 1')
  await first.follower.stop()
  const { chain, lease } = first
  const second = start(chain, lease)
  await eventually(() => second.health.includes('follows the node'))
  chain.mine()
  await second.isWritten('Block 2')
})

test('only the holder of the lease writes, and the next one knows what was written', async () => {
  const lease = new FakeLease()
  const chain = new FakeChain()
  const one = start(chain, lease)
  await one.isWritten('Block 1')
  lease.set(false)
  await eventually(() => one.health.at(-1) === 'another instance of the adapter follows the node')
  expect(one.follower.isFollowing()).toBe(false)
  chain.mine()
  expect(one.blocks()).toBe('Block 1')
  const otherLease = new FakeLease()
  otherLease.memory = lease.memory
  const other = start(chain, otherLease)
  await other.isWritten('Block 2')
})

test('a block whose commit a change of the group refuses is finished, and not written again', async () => {
  const { chain, lease, written, isWritten } = start()
  await isWritten('Block 1')
  lease.refusals = 2
  chain.mine()
  await eventually(() => expect(lease.memory).toContain(hashOf(2)))
  await isWritten('Block 1,Block 2')
  chain.mine()
  await eventually(() => expect(lease.memory).toContain(hashOf(3)))
  expect(written).toEqual([1, 2, 3].flatMap((number) => [`Block ${number}`, `MiningOn ${number}`]))
})

test('what the node mines on is not lost when its write fails behind that of the block', async () => {
  const { chain, lease, written, faults, isWritten } = start()
  await isWritten('Block 1')
  faults.push('MiningOn 2')
  chain.mine()
  await eventually(() => expect(lease.memory).toContain(hashOf(2)))
  expect(written).toEqual(['Block 1', 'MiningOn 1', 'Block 2', 'MiningOn 2'])
})

test('a change of the group that leaves the lease here ends no subscription', async () => {
  const { chain, lease, isWritten, health } = start()
  await isWritten('Block 1')
  await eventually(() => health.at(-1) === 'follows the node')
  lease.set(true)
  chain.mine()
  await isWritten('Block 1,Block 2')
  expect(chain.subscriptions).toBe(1)
  expect(health.filter((text) => text.startsWith('not ready'))).toEqual([])
})

test('a service that is away is reported, and followed as soon as it is back', async () => {
  const { chain, health, isWritten } = start(Object.assign(new FakeChain(), { failing: true }))
  await eventually(() => health.at(-1) === "not ready: the node's blockchain service cannot be followed: the service is away")
  chain.failing = false
  await isWritten('Block 1')
  await eventually(() => health.at(-1) === 'follows the node')
})

test('it says whether this instance follows the node', async () => {
  const { chain, follower } = start(Object.assign(new FakeChain(), { failing: true }))
  expect(follower.isFollowing()).toBe(false)
  chain.failing = false
  await eventually(() => follower.isFollowing())
  chain.failing = true
  await eventually(() => !follower.isFollowing())
  chain.failing = false
  await eventually(() => follower.isFollowing())
  await follower.stop()
  expect(follower.isFollowing()).toBe(false)
})

test('a stop ends at once, whatever it waits for', async () => {
  const { follower, isWritten } = start()
  await isWritten('Block 1')
  await follower.stop()
  const waiting = start(new FakeChain(), Object.assign(new FakeLease(), { held: false }))
  await waiting.follower.stop()
  expect(waiting.blocks()).toBe('')
})
