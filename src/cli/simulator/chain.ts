import { mine, REGTEST_BITS, REGTEST_GENESIS, serialiseHeader } from './block-header.ts'
import { doubleHash } from './double-hash.ts'
import { merkleRoot } from './merkle.ts'
import type { Random } from './random.ts'
import { coinbase, identify, payment } from './transaction.ts'

/** Hashes here are in internal byte order. */
export interface MinedBlock {
  readonly hash: Buffer
  readonly previousHash: Buffer
  readonly header: Buffer
  readonly height: number
  readonly miner: string
  readonly sizeInBytes: number
  readonly txCount: number
  /** Ids of all transactions in their order, the coinbase first. */
  readonly txIds: readonly Buffer[]
}

export interface BuiltSubtree {
  readonly hash: Buffer
  readonly txCount: number
  readonly sizeInBytes: number
}

export interface Chain {
  readonly tip: MinedBlock
  /** Adds a new subtree to this miner's block candidate. */
  addSubtree(miner: string): BuiltSubtree
  /** Turns the miner's candidate into the next block. */
  mineBlock(miner: string): MinedBlock
}

interface Subtree extends BuiltSubtree {
  readonly leaves: readonly Buffer[]
}

/** Replaces the coinbase in a block's first subtree, because that subtree is announced before the coinbase is known. */
const COINBASE_PLACEHOLDER = Buffer.alloc(32, 0xff)
/** Further subtrees are announced, but no block will include them: a candidate that is never mined must not grow for ever. */
const MAX_CANDIDATE_SUBTREES = 1024
const HEADER_AND_COUNT_BYTES = 83
const SECONDS_PER_BLOCK = 600

/**
 * A regtest chain from the genesis block on, mined by several miners with one tip. Each miner collects its own
 * transactions, so another miner's block does not invalidate its candidate. Subtrees are full (a power of two), so a block's
 * root over its subtrees' roots is also the ordinary merkle root over its transactions. Block times derive from the height,
 * not from the clock: the same random numbers give the same chain.
 */
export function createChain(options: { subtreeSize: number }, { random }: { random: Random }): Chain {
  if (options.subtreeSize < 2 || !Number.isInteger(Math.log2(options.subtreeSize))) {
    throw new Error(`a subtree holds a power of two of transactions, from 2 up, not ${options.subtreeSize}`)
  }
  const candidates = new Map<string, Subtree[]>()
  let tip = genesis()
  return {
    get tip() {
      return tip
    },
    addSubtree(miner) {
      const candidate = candidates.get(miner) ?? []
      const subtree = buildSubtree(options.subtreeSize, candidate.length === 0, random)
      if (candidate.length < MAX_CANDIDATE_SUBTREES) candidates.set(miner, [...candidate, subtree])
      return subtree
    },
    mineBlock(miner) {
      const subtrees = candidates.get(miner) ?? []
      candidates.delete(miner)
      tip = mineOn(tip, { miner, subtrees }, random)
      return tip
    },
  }
}

function buildSubtree(size: number, isFirst: boolean, random: Random): Subtree {
  const payments = Array.from({ length: isFirst ? size - 1 : size }, () => identify(payment(random)))
  const leaves = payments.map(({ id }) => id)
  if (isFirst) leaves.unshift(COINBASE_PLACEHOLDER)
  const sizeInBytes = payments.reduce((sum, { size: bytes }) => sum + bytes, 0)
  return { hash: merkleRoot(leaves), txCount: size, sizeInBytes, leaves }
}

function mineOn(previous: MinedBlock, candidate: { miner: string; subtrees: readonly Subtree[] }, random: Random): MinedBlock {
  const height = previous.height + 1
  const paid = identify(coinbase({ height, miner: candidate.miner }, random))
  const [first, ...rest] = candidate.subtrees
  const firstLeaves = first ? [paid.id, ...first.leaves.slice(1)] : [paid.id]
  const { header, hash } = mine({
    version: 0x20000000,
    previousHash: previous.hash,
    merkleRoot: merkleRoot([merkleRoot(firstLeaves), ...rest.map((subtree) => subtree.hash)]),
    time: REGTEST_GENESIS.time + SECONDS_PER_BLOCK * height,
    bits: REGTEST_BITS,
  })
  const txIds = [...firstLeaves, ...rest.flatMap((subtree) => subtree.leaves)]
  const sizeInBytes = candidate.subtrees.reduce((sum, subtree) => sum + subtree.sizeInBytes, HEADER_AND_COUNT_BYTES + paid.size)
  return { hash, previousHash: previous.hash, header, height, miner: candidate.miner, sizeInBytes, txCount: txIds.length, txIds }
}

function genesis(): MinedBlock {
  const header = serialiseHeader(REGTEST_GENESIS)
  const { previousHash, merkleRoot: onlyTx } = REGTEST_GENESIS
  return { hash: doubleHash(header), previousHash, header, height: 0, miner: '', sizeInBytes: 285, txCount: 1, txIds: [onlyTx] }
}
