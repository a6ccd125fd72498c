import type { RPC } from '@chainsafe/libp2p-gossipsub/message'
import type { PeerId } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { NeighbourBudgets } from '../../../../../src/gossip/router/guard/neighbour-budget.ts'
import { readFairly } from '../../../../../src/gossip/router/guard/read-fairly.ts'

const PEER = { toString: () => 'peer' } as PeerId
const BYTES = new Uint8Array(100)

/** A router that knows the peer, and reads the RPCs given. `beforeTurn` runs at each wait for the event loop. */
function createReader(rpcs: RPC[], beforeTurn: () => void = () => {}) {
  const peers = new Map([['peer', PEER]])
  const handled: RPC[] = []
  const failures: Error[] = []
  const refused: string[] = []
  const left = [...rpcs]
  const router = {
    peers,
    allowedTopics: null as ReadonlySet<string> | null,
    streamsInbound: new Map(),
    decodeRpc: () => left.shift() as RPC,
    handleReceivedRpc: async (_: PeerId, rpc: RPC) => void handled.push(rpc),
    handlePeerReadStreamError: (error: Error) => void failures.push(error),
    pipePeerReadStream: async (_peer: PeerId, _source: AsyncIterable<Uint8Array>) => {},
  }
  const turns = {
    mayWork: () => false,
    turn: async () => beforeTurn(),
  }
  const budgets = new NeighbourBudgets({ messagesPerSecond: 0 }, { now: () => 0 })
  readFairly(router, { budgets, turns, onRefused: (reason) => refused.push(reason), signal: new AbortController().signal })
  return { router, peers, handled, failures, refused, read: (source: AsyncIterable<Uint8Array>) => router.pipePeerReadStream(PEER, source) }
}

function messages(count: number): RPC.Message[] {
  return Array.from({ length: count }, (_, index) => ({ topic: `${index}` }))
}

const topicsOf = (handled: RPC[]) => handled.flatMap((rpc) => rpc.messages.map(({ topic }) => topic))
const CONTROL: RPC.ControlMessage = { ihave: [], iwant: [], graft: [{ topicID: 'a' }], prune: [], idontwant: [] }

test('what a neighbour sent before it died is not lost', async () => {
  const rpcs: RPC[] = [
    { subscriptions: [{ topic: 'a', subscribe: true }], messages: messages(1), control: CONTROL },
    { subscriptions: [], messages: messages(20), control: CONTROL },
  ]
  const { peers, handled, failures, read } = createReader(rpcs)
  async function* died() {
    peers.clear()
    yield BYTES
    yield BYTES
    throw new Error('ECONNRESET')
  }
  await read(died())
  expect(topicsOf(handled)).toEqual(['0', ...messages(20).map(({ topic }) => topic)])
  expect(failures.map(({ message }) => message)).toEqual(['ECONNRESET'])
  // The router would keep these for ever.
  expect(handled.flatMap(({ subscriptions }) => subscriptions)).toEqual([])
  expect(handled.filter(({ control }) => control)).toEqual([])
})

test('nor is the rest of an RPC that is half worked on when the neighbour dies', async () => {
  let turnsLeft = 2
  const { peers, handled, read } = createReader([{ subscriptions: [], messages: messages(40), control: CONTROL }], () => {
    turnsLeft -= 1
    if (turnsLeft === 0) peers.clear()
  })
  async function* one() {
    yield BYTES
  }
  await read(one())
  expect(topicsOf(handled)).toHaveLength(40)
  expect(handled.filter(({ control }) => control)).toEqual([])
})

test('a neighbour that is there is heard with all that it sends', async () => {
  const rpc: RPC = { subscriptions: [{ topic: 'a', subscribe: true }], messages: messages(20), control: CONTROL }
  const { handled, read } = createReader([rpc])
  async function* one() {
    yield BYTES
  }
  await read(one())
  expect(topicsOf(handled)).toHaveLength(20)
  expect(handled.flatMap(({ subscriptions }) => subscriptions)).toEqual(rpc.subscriptions)
  expect(handled.flatMap(({ control }) => control ?? [])).toEqual([CONTROL])
})

test('messages on topics that are not ours are counted, and left to the router, which drops them', async () => {
  const { router, handled, refused, read } = createReader([{ subscriptions: [], messages: messages(3) }])
  router.allowedTopics = new Set(['1'])
  async function* one() {
    yield BYTES
  }
  await read(one())
  expect(refused).toEqual(['unknown-topic', 'unknown-topic'])
  expect(topicsOf(handled)).toEqual(['0', '1', '2'])
})
