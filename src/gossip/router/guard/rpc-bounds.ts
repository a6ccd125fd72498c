import type { GossipsubOpts } from '@chainsafe/libp2p-gossipsub'
import type { RPC } from '@chainsafe/libp2p-gossipsub/message'

/**
 * Bounds for one RPC. Above them it is refused as a whole, while it is decoded. Honest nodes stay far below: Go sends each message in an RPC
 * of its own, and the answer to an IWANT in one, but we ask for at most 250 messages at a time (the lists of ids that we send are cut to
 * 12 KiB). A node has some ten topics; one list of ids per topic has at most 5,000 in Go and JavaScript.
 */
export const RPC_BOUNDS: NonNullable<GossipsubOpts['decodeRpcLimits']> = {
  maxMessages: 1000,
  maxSubscriptions: 1000,
  maxControlMessages: 100,
  maxIhaveMessageIDs: 5000,
  maxIwantMessageIDs: 5000,
  maxIdontwantMessageIDs: 512,
  maxPeerInfos: 16,
}

/** The number of messages, subscriptions and control messages. */
export function entriesOf({ messages, subscriptions, control }: RPC): number {
  const own = messages.length + subscriptions.length
  if (control === undefined) return own
  return own + control.graft.length + control.prune.length + control.ihave.length + control.iwant.length + control.idontwant.length
}

/** The number of ids in all lists. */
export function idsOf({ control }: RPC): number {
  if (control === undefined) return 0
  let ids = 0
  for (const lists of [control.ihave, control.iwant, control.idontwant]) for (const { messageIDs } of lists) ids += messageIDs.length
  return ids
}

/** Shortens the lists of ids in place, so that they have at most so many together. */
export function keepIds({ control }: RPC, max: number): void {
  if (control === undefined) return
  let left = max
  for (const lists of [control.ihave, control.iwant, control.idontwant]) {
    for (const { messageIDs } of lists) {
      if (messageIDs.length > left) messageIDs.length = Math.max(0, left)
      left -= messageIDs.length
    }
  }
}
