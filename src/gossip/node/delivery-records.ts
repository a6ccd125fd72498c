import type { GossipSub } from '@chainsafe/libp2p-gossipsub'

const RECORDING = ['validateMessage', 'deliverMessage', 'duplicateMessage', 'rejectMessage'] as const

/** What the router has at run time and its published type leaves out. */
interface ScoredRouter {
  readonly score: { readonly params: { readonly topics: object } } & Record<(typeof RECORDING)[number], () => void>
}

/**
 * The router keeps a record of every message for two minutes, to count for each topic who delivered what. Only scores of topics use
 * these counts, and no topic has one here: at 300 messages a second the records would be 13 MB, and a tenth of what the garbage
 * collector has to move. A router with scores of topics keeps its records.
 */
export function keepNoDeliveryRecords(router: GossipSub): void {
  const { score } = router as unknown as ScoredRouter
  if (Object.keys(score.params.topics).length > 0) return
  for (const method of RECORDING) score[method] = () => {}
}
