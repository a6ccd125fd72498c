import { expect, test } from 'vitest'
import { ChainMemory } from '../../../src/adapters/teranode/chain-memory.ts'
import { ChainSession } from '../../../src/adapters/teranode/chain-session.ts'
import type { NotificationValue } from '../../../src/messages/kinds/notification.ts'
import { FakeChain, hashOf } from './fake-chain.ts'

function memoryOf(remembered: string): ChainMemory {
  const memory = new ChainMemory()
  memory.recalled(remembered)
  return memory
}

function start(remembered = '') {
  const chain = new FakeChain()
  const written: NotificationValue[] = []
  const outcomes: string[] = []
  const memory: string[] = []
  const session = new ChainSession(
    { memory: memoryOf(remembered) },
    {
      chain,
      write: async (value) => written.push(value),
      remember: async (text) => void memory.push(text),
      count: (outcome) => outcomes.push(outcome),
      onNotFound: (hash) => outcomes.push(`not found ${hash.slice(-2)}`),
    },
  )
  const said = () => written.map(({ type, hash }) => `${type} ${Number.parseInt(hash, 16)}`)
  return { chain, session, written, outcomes, memory, said }
}

test('a new tip is a block with its header, then what the node mines on', async () => {
  const { session, written, outcomes } = start()
  await session.take({ kind: 'block', hash: hashOf(1) })
  const common = { hash: hashOf(1), height: 1, previousHash: hashOf(0), header: hashOf(1).padStart(160, '0'), miner: '/m/', txCount: 2n }
  expect(written).toEqual([
    { ...common, type: 'Block', sizeInBytes: 9n },
    { ...common, type: 'MiningOn', sizeInBytes: 9n },
  ])
  expect(outcomes).toEqual(['block', 'mining-on'])
})

test('a block is written once, in this session and in the next one', async () => {
  const { session, memory, said } = start()
  for (let round = 0; round < 3; round++) await session.take({ kind: 'block', hash: hashOf(1) })
  await session.look()
  expect(said()).toEqual(['Block 1', 'MiningOn 1'])
  const next = start(memory.at(-1))
  await next.session.take({ kind: 'block', hash: hashOf(1) })
  await next.session.look()
  expect(next.said()).toEqual([])
  expect(next.outcomes).toEqual(['known'])
})

test('a block on another branch is no reason to mine on it', async () => {
  const { chain, session, said } = start()
  chain.tip = 5
  await session.take({ kind: 'block', hash: hashOf(4) })
  expect(said()).toEqual(['Block 4'])
})

test('a look finds a tip that nobody has announced', async () => {
  const { chain, session, said } = start()
  chain.tip = 3
  await session.look()
  expect(said()).toEqual(['Block 3', 'MiningOn 3'])
})

test('subtrees are written once each, and older nodes say what they mine on', async () => {
  const { session, said, outcomes } = start()
  for (const hash of [7, 8, 7].map(hashOf)) await session.take({ kind: 'subtree', hash })
  for (let round = 0; round < 2; round++) await session.take({ kind: 'mining-on', hash: hashOf(1) })
  expect(said()).toEqual(['Subtree 7', 'Subtree 8', 'MiningOn 1'])
  expect(outcomes).toEqual(['subtree', 'subtree', 'known', 'mining-on', 'known'])
})

test('while the node catches up nothing is written; when it runs again, its tip is', async () => {
  const { chain, session, said, outcomes } = start()
  chain.running = false
  await session.take({ kind: 'state', hash: '' })
  await session.take({ kind: 'block', hash: hashOf(1) })
  await session.take({ kind: 'subtree', hash: hashOf(9) })
  expect(said()).toEqual([])
  expect(outcomes).toEqual(['not-running', 'not-running'])
  chain.tip = 2
  chain.running = true
  await session.take({ kind: 'state', hash: '' })
  expect(said()).toEqual(['Block 2', 'MiningOn 2'])
})

test('a block that the node does not describe, and what is not for us, stop nothing', async () => {
  const { session, said, outcomes } = start()
  await session.take({ kind: 'block', hash: hashOf(99) })
  await session.take({ kind: 'other', hash: '' })
  await session.take({ kind: 'subtree', hash: hashOf(7) })
  expect(said()).toEqual(['Subtree 7'])
  expect(outcomes).toEqual(['not found 63', 'not-found', 'passed-over', 'subtree'])
})

test('a failed write is said to the caller, and written again the next time', async () => {
  const chain = new FakeChain()
  const written: string[] = []
  let failing = true
  const session = new ChainSession(
    { memory: memoryOf('nonsense') },
    {
      chain,
      write: async ({ type }) => {
        if (failing) throw new Error('Kafka is away')
        written.push(type)
      },
      remember: async () => {},
      count: () => {},
      onNotFound: () => {},
    },
  )
  await expect(session.take({ kind: 'block', hash: hashOf(1) })).rejects.toThrow('Kafka is away')
  failing = false
  await session.take({ kind: 'block', hash: hashOf(1) })
  expect(written).toEqual(['Block', 'MiningOn'])
})
