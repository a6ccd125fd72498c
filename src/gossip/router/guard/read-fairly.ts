import type { RPC } from '@chainsafe/libp2p-gossipsub/message'
import type { PeerId } from '@libp2p/interface'
import { sleep } from '../../../lifecycle/time.ts'
import type { Refusal } from '../../refusals.ts'
import type { RouterInternals, RpcBytes } from '../router.ts'
import { Backlog } from './backlog.ts'
import type { NeighbourBudgets } from './neighbour-budget.ts'
import { entriesOf, idsOf, keepIds } from './rpc-bounds.ts'
import type { WorkTurns } from './work-turns.ts'

/** So many messages are verified before others may have their turn: one to three milliseconds. */
const MESSAGES_PER_PIECE = 8

export interface ReadFairlyDeps {
  readonly budgets: NeighbourBudgets
  readonly turns: Pick<WorkTurns, 'mayWork' | 'turn'>
  readonly onRefused: (reason: Refusal, hop: string) => void
  /** Ends the waits. */
  readonly signal: AbortSignal
}

type Part = Pick<
  RouterInternals,
  'peers' | 'allowedTopics' | 'streamsInbound' | 'decodeRpc' | 'handleReceivedRpc' | 'handlePeerReadStreamError'
> & {
  pipePeerReadStream(peer: PeerId, source: AsyncIterable<RpcBytes>): Promise<void>
}

/**
 * Replaces the loop in which the router reads the RPCs of a neighbour: one RPC after the other, in small pieces between which other
 * neighbours have their turn, and not faster than the neighbour's budget allows. Unpatched, gossipsub 17.1.1 works on all that has
 * arrived at once: an RPC of 500 messages holds the event loop for 150 ms, and what cannot be decoded is dropped without a trace.
 */
export function readFairly(router: Part, deps: ReadFairlyDeps): void {
  router.pipePeerReadStream = async (peer, source) => {
    const peerId = peer.toString()
    const inbound = router.streamsInbound.get(peerId)
    const reader = new RpcReader(peer, router, deps)
    const backlog = inbound && new Backlog(inbound.rawStream)
    try {
      for await (const bytes of source) {
        await reader.read(bytes)
        backlog?.done(bytes.byteLength)
      }
    } catch (error) {
      if (isTooLong(error)) deps.onRefused('oversize-rpc', peerId)
      // A neighbour that has opened another stream meanwhile goes on with that one.
      if (inbound === undefined || router.streamsInbound.get(peerId) === inbound) {
        router.handlePeerReadStreamError(error instanceof Error ? error : new Error(String(error)), peer)
      }
    }
  }
}

class RpcReader {
  readonly #peer: PeerId
  readonly #peerId: string
  readonly #router: Part
  readonly #deps: ReadFairlyDeps

  constructor(peer: PeerId, router: Part, deps: ReadFairlyDeps) {
    this.#peer = peer
    this.#peerId = peer.toString()
    this.#router = router
    this.#deps = deps
  }

  async read(bytes: RpcBytes): Promise<void> {
    const { turns, budgets, signal, onRefused } = this.#deps
    if (!turns.mayWork()) await turns.turn()
    const rpc = this.#decode(bytes.subarray())
    const size = { bytes: bytes.byteLength, entries: rpc ? entriesOf(rpc) : 0, ids: rpc ? idsOf(rpc) : 0 }
    const waitMs = budgets.charge(this.#peerId, size)
    if (waitMs > 0) {
      onRefused('slowed-down', this.#peerId)
      await sleep(waitMs, signal)
    }
    if (rpc === undefined) return
    this.#trim(rpc, size.ids)
    this.#countUnknownTopics(rpc)
    await this.#passOn(rpc)
  }

  #decode(bytes: Uint8Array): RPC | undefined {
    try {
      return this.#router.decodeRpc(bytes)
    } catch (error) {
      this.#deps.onRefused(isTooMany(error) ? 'too-many-entries' : 'unreadable-rpc', this.#peerId)
      return undefined
    }
  }

  #trim(rpc: RPC, ids: number): void {
    const { budgets, onRefused } = this.#deps
    const subscriptions = rpc.subscriptions.length
    if (subscriptions > 0) {
      rpc.subscriptions.length = budgets.subscriptions(this.#peerId, subscriptions)
      if (rpc.subscriptions.length < subscriptions) onRefused('over-subscriptions', this.#peerId)
    }
    if (ids === 0) return
    const kept = budgets.ids(this.#peerId, ids)
    if (kept === ids) return
    keepIds(rpc, kept)
    onRefused('over-ids', this.#peerId)
  }

  /** The router drops them, without a trace. Nobody sends us messages on topics to which we do not subscribe. */
  #countUnknownTopics({ messages }: RPC): void {
    const { allowedTopics } = this.#router
    if (allowedTopics === null) return
    for (const { topic } of messages) if (!allowedTopics.has(topic)) this.#deps.onRefused('unknown-topic', this.#peerId)
  }

  async #passOn(rpc: RPC): Promise<void> {
    const { messages, control } = rpc
    if (messages.length <= MESSAGES_PER_PIECE) return this.#handle(rpc)
    const { turns } = this.#deps
    this.#handle({ subscriptions: rpc.subscriptions, messages: [] })
    for (let at = 0; at < messages.length; at += MESSAGES_PER_PIECE) {
      if (!turns.mayWork()) await turns.turn()
      this.#handle({ subscriptions: [], messages: messages.slice(at, at + MESSAGES_PER_PIECE) })
      // What follows a verification comes as microtasks: it belongs to this piece.
      await undefined
    }
    if (control !== undefined) this.#handle({ subscriptions: [], messages: [], control })
  }

  /**
   * Of a neighbour that has gone, the messages alone: it sent them, and may have died since, so they are nowhere else. The router would
   * keep its subscriptions for ever. Not awaited: the router reports errors itself, and waits for nothing that belongs to this RPC alone.
   */
  #handle(all: RPC): void {
    const rpc = this.#isThere() ? all : { subscriptions: [], messages: all.messages }
    this.#router.handleReceivedRpc(this.#peer, rpc).catch(() => this.#deps.onRefused('unreadable-rpc', this.#peerId))
  }

  #isThere(): boolean {
    return this.#router.peers.has(this.#peerId)
  }
}

function isTooLong(error: unknown): boolean {
  return error instanceof Error && /^InvalidDataLength(Length)?Error$/.test(error.name)
}

function isTooMany(error: unknown): boolean {
  return error instanceof Error && error.name === 'MaxLengthError'
}
