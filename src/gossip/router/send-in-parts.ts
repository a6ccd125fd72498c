import type { RPC } from '@chainsafe/libp2p-gossipsub/message'
import type { RouterInternals } from './router.ts'
import { keepIdsWithin, RPC_LIMITS, splitRpc } from './split-rpc.ts'

/**
 * Receivers ignore all IHAVE, and some all IWANT, beyond ten RPCs of a peer within a heartbeat, so longer lists would be useless.
 * Ids that are left out of an IHAVE come again with the lists of the next two heartbeats, in another order; ids that are left out
 * of an IWANT are asked for when they are next announced.
 */
const MAX_LISTS_PER_RPC = 8
const MAX_ID_BYTES = MAX_LISTS_PER_RPC * RPC_LIMITS.controlBytes * 0.9

type Part = Pick<RouterInternals, 'gossip' | 'sendRpc'>

/**
 * Replaces the router's `sendRpc`, through which all but single ids goes out, with one that splits by bytes. Unpatched, gossipsub
 * 17.1.1 puts a whole answer to an IWANT, and a whole list of ids, into one RPC, however large: after a burst that is more than a
 * rust-libp2p peer takes.
 */
export function sendInParts(router: Part): void {
  const send = router.sendRpc.bind(router)
  router.sendRpc = (peerId, rpc) => {
    const waiting = router.gossip.get(peerId)
    if (waiting === undefined && isOneMessage(rpc)) return send(peerId, rpc)
    const whole = waiting === undefined ? rpc : withIhave(rpc, waiting)
    // In place: the router reads the IWANT list again, to remember the messages that the peer now owes us.
    for (const kind of ['ihave', 'iwant'] as const) keepIdsWithin(whole.control?.[kind] ?? [], MAX_ID_BYTES)
    router.gossip.delete(peerId)
    if (splitRpc(whole).every((part) => send(peerId, part))) return true
    if (waiting !== undefined) router.gossip.set(peerId, waiting)
    return false
  }
}

/** The common case, a relayed or published message: nothing to split. */
function isOneMessage({ messages, subscriptions, control }: RPC): boolean {
  return messages.length === 1 && subscriptions.length === 0 && control === undefined
}

/** A copy, because the router may send the same object to other peers. */
function withIhave(rpc: RPC, ihave: RPC.ControlIHave[]): RPC {
  const control = rpc.control ?? { ihave: [], iwant: [], graft: [], prune: [], idontwant: [] }
  return { ...rpc, control: { ...control, ihave: [...control.ihave, ...ihave] } }
}
