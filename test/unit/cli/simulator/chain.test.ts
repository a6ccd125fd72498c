import { expect, test } from 'vitest'
import { meetsTarget, REGTEST_BITS } from '../../../../src/cli/simulator/block-header.ts'
import { createChain, type MinedBlock } from '../../../../src/cli/simulator/chain.ts'
import { doubleHash, toDisplay } from '../../../../src/cli/simulator/double-hash.ts'
import { merkleRoot } from '../../../../src/cli/simulator/merkle.ts'
import { createRandom } from '../../../../src/cli/simulator/random.ts'

const newChain = (seed = 'seed') => createChain({ subtreeSize: 8 }, { random: createRandom(seed) })
const rootIn = (block: MinedBlock) => block.header.subarray(36, 68)

test('begins with the genesis block of regtest', () => {
  const { tip } = newChain()
  expect(tip.height).toBe(0)
  expect(toDisplay(tip.hash)).toBe('0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206')
})

test('mines blocks that each extend the previous block and meet the target', () => {
  const chain = newChain()
  for (let height = 1; height <= 30; height++) {
    const previous = chain.tip
    const block = chain.mineBlock(height % 2 ? '/a/' : '/b/')
    expect(block.height).toBe(height)
    expect(block.header.subarray(4, 36)).toEqual(previous.hash)
    expect(doubleHash(block.header)).toEqual(block.hash)
    expect(meetsTarget(block.hash, REGTEST_BITS)).toBe(true)
    expect(block.header.readUInt32LE(72)).toBe(REGTEST_BITS)
    expect(block.header.readUInt32LE(68)).toBeGreaterThan(previous.header.readUInt32LE(68))
  }
})

test.each([0, 1, 2, 3, 5])("commits with the root over %i subtrees to the block's transactions", (subtrees) => {
  const chain = newChain()
  const built = Array.from({ length: subtrees }, () => chain.addSubtree('/a/'))
  const block = chain.mineBlock('/a/')
  expect(block.txCount).toBe(Math.max(1, subtrees * 8))
  expect(block.txIds).toHaveLength(block.txCount)
  expect(rootIn(block)).toEqual(merkleRoot(block.txIds))
  expect(block.sizeInBytes).toBeGreaterThanOrEqual(built.reduce((sum, subtree) => sum + subtree.sizeInBytes, 0))
})

test('announces a subtree by the merkle root of its transactions, with a placeholder for the next block’s coinbase', () => {
  const chain = newChain()
  const [first, second] = [chain.addSubtree('/a/'), chain.addSubtree('/a/')]
  const { txIds } = chain.mineBlock('/a/')
  expect(first.hash).toEqual(merkleRoot([Buffer.alloc(32, 0xff), ...txIds.slice(1, 8)]))
  expect(second.hash).toEqual(merkleRoot(txIds.slice(8)))
})

test("leaves a miner's subtrees alone when another miner finds the block", () => {
  const chain = newChain()
  chain.addSubtree('/a/')
  expect(chain.mineBlock('/b/').txCount).toBe(1)
  expect(chain.mineBlock('/a/').txCount).toBe(8)
})

test('bounds a candidate that is never mined', () => {
  const chain = createChain({ subtreeSize: 2 }, { random: createRandom('seed') })
  for (let at = 0; at < 1100; at++) chain.addSubtree('/a/')
  expect(chain.mineBlock('/a/').txCount).toBe(2048)
})

test.each([0, 1, 3, 2.5])('refuses subtrees of %d transactions', (subtreeSize) => {
  expect(() => createChain({ subtreeSize }, { random: createRandom('seed') })).toThrow('power of two')
})
