import type { GossipSub } from '@chainsafe/libp2p-gossipsub'

const RECORDING = ['validateMessage', 'deliverMessage', 'duplicateMessage', 'rejectMessage'] as const

/** Internals of the router that its published type leaves out. */
interface ScoredRouter {
  readonly score: { readonly params: { readonly topics: object } } & Record<(typeof RECORDING)[number], () => void>
}

/**
 * The router keeps a record of every message for two minutes, to count each peer's deliveries per topic. Only topic scores use these
 * counts, and our topics have none. At 300 messages a second the records would take 13 MB, and be a tenth of what the garbage collector
 * has to move. A router with topic scores keeps its records.
 */
export function keepNoDeliveryRecords(router: GossipSub): void {
  const { score } = router as unknown as ScoredRouter
  if (Object.keys(score.params.topics).length > 0) return
  for (const method of RECORDING) score[method] = () => {}
}
