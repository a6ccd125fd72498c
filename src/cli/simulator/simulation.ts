import { type Chain, createChain, type MinedBlock } from './chain.ts'
import { toDisplay } from './double-hash.ts'
import { createRandom, type Random } from './random.ts'
import { identify, payment } from './transaction.ts'

export interface SimulationOptions {
  readonly seed: string
  /** One name per node. The nodes mine in turn, in an order that depends on the seed. */
  readonly miners: readonly string[]
  /** All rates are of the whole network, not of each node. */
  readonly blocksPerSecond: number
  readonly subtreesPerSecond: number
  readonly rejectedPerSecond: number
  /** Transactions in a subtree, a power of two. */
  readonly subtreeSize: number
}

/** A record that a node's own services write to one of the bridge's in-topics. */
export type SimulatedRecord =
  | {
      readonly role: 'notifications'
      readonly type: 'block' | 'subtree' | 'mining-on'
      readonly key: string
      readonly value: SimulatedNotification
    }
  | { readonly role: 'rejectedTx'; readonly type: 'rejected-tx'; readonly key: string; readonly value: SimulatedRejection }

export interface SimulatedNotification {
  readonly type: 'Block' | 'Subtree' | 'MiningOn'
  readonly hash: string
  readonly height: number | null
  readonly header: string | null
  readonly previousHash: string | null
  readonly miner: string | null
  readonly sizeInBytes: bigint | null
  readonly txCount: bigint | null
}

export interface SimulatedRejection {
  readonly txHash: string
  readonly reason: string
  readonly peerId: null
}

export type SimulatedEvent = SimulatedRecord & {
  /** Milliseconds from the start of the simulation. */
  readonly atMs: number
  /** Index of the node in `miners`. */
  readonly node: number
}

const REJECTIONS = [
  'TX_INVALID (31): transaction is not final',
  'TX_INVALID (31): fee is too low',
  'TX_CONFLICTING (36): input is already spent',
]

/**
 * The endless events of a small mining network, in order of time: subtrees as they fill, blocks as they are found, a mining-on
 * of every node after each block, and rejected transactions. The same options give the same events.
 */
export function* simulate(options: SimulationOptions): Generator<SimulatedEvent, void> {
  const random = createRandom(options.seed)
  const chain = createChain({ subtreeSize: options.subtreeSize }, { random })
  const tell = { block: blockFound, subtree: subtreeFilled, rejected: txRejected }
  const clocks = [
    createClock('subtree', options.subtreesPerSecond, options.miners.length, random),
    createClock('block', options.blocksPerSecond, options.miners.length, random),
    createClock('rejected', options.rejectedPerSecond, options.miners.length, random),
  ]
  for (;;) {
    const clock = clocks.reduce((first, other) => (other.nextMs() < first.nextMs() ? other : first))
    const atMs = clock.nextMs()
    if (atMs === Number.POSITIVE_INFINITY) return
    for (const said of tell[clock.kind](clock.take(), { chain, random, miners: options.miners })) yield { ...said, atMs }
  }
}

interface Clock {
  readonly kind: 'block' | 'subtree' | 'rejected'
  nextMs(): number
  /** Returns the node whose turn it is, and advances the clock. */
  take(): number
}

/**
 * Intervals vary by half around their mean, and each node has one turn per round. So a run looks random, but even a short one
 * contains every kind from every node.
 */
function createClock(kind: Clock['kind'], perSecond: number, nodes: number, random: Random): Clock {
  const meanMs = 1000 / perSecond
  let nextMs = meanMs * random.fraction()
  let round: number[] = []
  return {
    kind,
    nextMs: () => (perSecond > 0 ? nextMs : Number.POSITIVE_INFINITY),
    take() {
      nextMs += meanMs * (0.5 + random.fraction())
      if (round.length === 0) round = random.shuffled(Array.from({ length: nodes }, (_, node) => node))
      return round.shift() ?? 0
    },
  }
}

interface Telling {
  readonly chain: Chain
  readonly random: Random
  readonly miners: readonly string[]
}

type Said = SimulatedRecord & { readonly node: number }

function blockFound(node: number, { chain, miners }: Telling): Said[] {
  const block = chain.mineBlock(miners[node] ?? '')
  const key = toDisplay(block.hash)
  const announced: Said = { node, role: 'notifications', type: 'block', key, value: { type: 'Block', ...about(block) } }
  const miningOn = miners.map((_, other): Said => {
    return { node: other, role: 'notifications', type: 'mining-on', key, value: { type: 'MiningOn', ...about(block) } }
  })
  return [announced, ...miningOn]
}

function subtreeFilled(node: number, { chain, miners }: Telling): Said[] {
  const subtree = chain.addSubtree(miners[node] ?? '')
  const key = toDisplay(subtree.hash)
  const empty = { height: null, header: null, previousHash: null, miner: null }
  const counts = { sizeInBytes: BigInt(subtree.sizeInBytes), txCount: BigInt(subtree.txCount) }
  return [{ node, role: 'notifications', type: 'subtree', key, value: { type: 'Subtree', hash: key, ...empty, ...counts } }]
}

function txRejected(node: number, { random }: Telling): Said[] {
  const key = toDisplay(identify(payment(random)).id)
  const reason = REJECTIONS[random.whole(REJECTIONS.length)] ?? ''
  return [{ node, role: 'rejectedTx', type: 'rejected-tx', key, value: { txHash: key, reason, peerId: null } }]
}

function about(block: MinedBlock): Omit<SimulatedNotification, 'type'> {
  return {
    hash: toDisplay(block.hash),
    height: block.height,
    header: block.header.toString('hex'),
    previousHash: toDisplay(block.previousHash),
    miner: block.miner,
    sizeInBytes: BigInt(block.sizeInBytes),
    txCount: BigInt(block.txCount),
  }
}
